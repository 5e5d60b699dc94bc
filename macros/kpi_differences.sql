{% macro kpi_differences(found, expected, keys) -%}
{%- if execute and flags.INTROSPECT and not adapter.get_relation(expected.database, expected.schema, expected.identifier) -%}

select
    '' as kpi,
    '' as expected,
    '' as found
from (select 1 as nothing) as nothing
where false

{%- else -%}

with

expected as (

    select
        *,
        true as is_there
    from {{ expected }}

),

found as (

    select
        *,
        true as is_there
    from {{ found }}
    where exists (select 1 from expected)

),

compared as (

    {% for kpi, rule in kpis().items() %}
    select
        '{{ kpi }}' as kpi
        {%- for key in keys %},
        coalesce(expected.{{ key }}, found.{{ key }}) as {{ key }}
        {%- endfor %},
        case
            when expected.is_there is null then 'no row'
            else coalesce(cast(expected.{{ kpi }} as {{ dbt.type_string() }}), 'null')
        end as expected,
        case
            when found.is_there is null then 'no row'
            else coalesce(cast(found.{{ kpi }} as {{ dbt.type_string() }}), 'null')
        end as found
    from expected
    full outer join found
        on {% for key in keys %}{% if not loop.first %} and {% endif %}expected.{{ key }} = found.{{ key }}{% endfor %}
    where expected.is_there is distinct from found.is_there
        {%- if rule.adds_up == 'ratio' %}
        or (expected.{{ kpi }} is null) != (found.{{ kpi }} is null)
        or abs(expected.{{ kpi }} - found.{{ kpi }}) > 1e-9 * greatest(1, abs(expected.{{ kpi }}))
        {%- else %}
        or expected.{{ kpi }} is distinct from found.{{ kpi }}
        {%- endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from compared
order by {{ keys | join(', ') }}, kpi

{%- endif %}
{%- endmacro %}
