with

kpis as (

    {% for kpi, rule in kpis().items() %}
    select
        '{{ kpi }}' as kpi,
        '{{ rule.applies_to }}' as applies_to
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

unit_kinds as (

    select 'sales' as unit_kind
    union all
    select 'production' as unit_kind
    union all
    select 'unmapped' as unit_kind

),

lists as (

    select distinct list_name from {{ ref('job_type_lists') }}
    union distinct
    select 'none' as list_name

),

list_rules as (

    select * from {{ ref('kpi_lists') }}

),

-- A KPI with `only` rows counts those lists and nothing else; then the lists `without` which it counts are taken away.
counted_lists as (

    select
        kpis.kpi,
        lists.list_name

    from kpis
    cross join lists
    left join list_rules
        on kpis.kpi = list_rules.kpi

    group by kpis.kpi, lists.list_name

    having
        coalesce(max(case when list_rules.rule = 'only' then 1 end), 0)
        = coalesce(max(case when list_rules.rule = 'only' and list_rules.list_name = lists.list_name then 1 end), 0)
        and coalesce(
            max(case when list_rules.rule = 'without' and list_rules.list_name = lists.list_name then 1 end), 0
        ) = 0

),

final as (

    select
        kpis.kpi,
        unit_kinds.unit_kind,
        counted_lists.list_name as job_type_list

    from kpis
    inner join unit_kinds
        on
            kpis.applies_to = unit_kinds.unit_kind
            or kpis.applies_to = 'any'
            or unit_kinds.unit_kind = 'unmapped'
    inner join counted_lists
        on kpis.kpi = counted_lists.kpi

)

select * from final
