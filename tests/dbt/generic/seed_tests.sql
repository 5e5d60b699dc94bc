{#- Tests of the seeds. Each failing row names the file, the row, what is there and what to write instead. -#}

{% test seed_value_is_one_of(model, column_name, row_name, values) %}
select
    {{ seed_file(model) }} as file,
    coalesce({{ row_name }}, 'a row without {{ row_name }}') as row_name,
    '{{ column_name }} is ' || coalesce('"' || {{ column_name }} || '"', 'empty') as found,
    'write one of: {{ values | join(", ") }}' as fix
from {{ model }}
where coalesce({{ column_name }}, '') not in ('{{ values | join("', '") }}')
{% endtest %}

{% test seed_value_is_a_number(model, column_name, row_name) %}
select
    {{ seed_file(model) }} as file,
    coalesce({{ row_name }}, 'a row without {{ row_name }}') as row_name,
    '{{ column_name }} is ' || coalesce('"' || {{ column_name }} || '"', 'empty') as found,
    'write a number such as 0 or 12.50' as fix
from {{ model }}
where coalesce({{ try_money(column_name) }}, -1) < 0
{% endtest %}

{% test seed_value_is_a_kpi_of_jobs(model, column_name, row_name) %}
{%- set without_jobs = ['dollars_collected', 'outstanding_ar'] -%}
{%- set names = kpis().keys() | reject('in', without_jobs) | list -%}
select
    {{ seed_file(model) }} as file,
    coalesce({{ row_name }}, 'a row without {{ row_name }}') as row_name,
    '{{ column_name }} is ' || coalesce('"' || {{ column_name }} || '"', 'empty') as found,
    'write one of: {{ names | join(", ") }} ({{ without_jobs | join(" and ") }} count payments and invoices, which have no job type)' as fix
from {{ model }}
where coalesce({{ column_name }}, '') not in ('{{ names | join("', '") }}')
{% endtest %}

{% test seed_value_occurs_in(model, column_name, row_name, seed, column) %}
select
    {{ seed_file(model) }} as file,
    coalesce({{ row_name }}, 'a row without {{ row_name }}') as row_name,
    '{{ column_name }} is ' || coalesce('"' || {{ column_name }} || '"', 'empty') as found,
    'write a {{ column }} that ' || {{ seed_file(seed) }} || ' uses, or add it there first' as fix
from {{ model }}
where {{ column_name }} is null
    or {{ column_name }} not in (select {{ column }} from {{ seed }} where {{ column }} is not null)
{% endtest %}

{% test seed_value_has_no_stray_blanks(model, column_name) %}
{%- set tidy = trim_blanks(replace_pattern(column_name, blank() ~ '+', "' '")) -%}
select
    {{ seed_file(model) }} as file,
    coalesce('"' || {{ column_name }} || '"', 'a row without {{ column_name }}') as row_name,
    case
        when coalesce({{ tidy }}, '') = '' then '{{ column_name }} is empty'
        else '{{ column_name }} has stray blanks'
    end as found,
    case
        when coalesce({{ tidy }}, '') = '' then 'write the name or delete the row'
        else 'write "' || {{ tidy }} || '"'
    end as fix
from {{ model }}
where {{ column_name }} is null
    or {{ column_name }} = ''
    or {{ column_name }} != {{ tidy }}
{% endtest %}

{% test seed_name_stands_once(model, column_name, says) %}
select
    {{ seed_file(model) }} as file,
    min({{ column_name }}) as row_name,
    cast(count(*) as {{ dbt.type_string() }}) || ' rows for this name, with {{ says }}: '
    || {{ dbt.listagg('coalesce(' ~ says ~ ", '(empty)')", "', '", 'order by ' ~ says) }} as found,
    'keep one row' as fix
from {{ model }}
where {{ column_name }} is not null
group by {{ name_key(column_name) }}
having count(*) > 1
{% endtest %}

{% test seed_value_is_one_per(model, column_name, per) %}
select
    {{ seed_file(model) }} as file,
    {{ per }} as row_name,
    '{{ column_name }} is both "' || min({{ column_name }}) || '" and "' || max({{ column_name }}) || '"' as found,
    'give all rows with {{ per }} "' || {{ per }} || '" the same {{ column_name }}' as fix
from {{ model }}
group by {{ per }}
having count(distinct {{ column_name }}) > 1
{% endtest %}

{% test seed_value_is_spelt_alike(model, column_name, row_name) %}
with

names as (

    select
        {{ name_key(column_name) }} as name_key,
        {{ column_name }} as spelling
    from {{ model }}

),

spellings as (

    select
        name_key,
        min(spelling) as one_spelling,
        max(spelling) as other_spelling
    from names
    group by name_key
    having count(distinct spelling) > 1

)

select
    {{ seed_file(model) }} as file,
    rows_of_seed.{{ row_name }} as row_name,
    '{{ column_name }} is "' || rows_of_seed.{{ column_name }} || '", elsewhere it is spelt otherwise' as found,
    'write "' || spellings.one_spelling || '" or "' || spellings.other_spelling || '" in all rows' as fix
from {{ model }} as rows_of_seed
inner join spellings
    on {{ name_key('rows_of_seed.' ~ column_name) }} = spellings.name_key
{% endtest %}

{% test seed_reporting_unit_has_its_row(model, column_name) %}
select
    {{ seed_file(model) }} as file,
    combined.business_unit_name as row_name,
    'its reporting_unit "' || combined.reporting_unit || '" has no row of its own' as found,
    'correct the name, or add a row for "' || combined.reporting_unit || '"' as fix
from {{ model }} as combined
left join {{ model }} as own
    on {{ name_key('combined.reporting_unit') }} = {{ name_key('own.business_unit_name') }}
where own.business_unit_name is null
    and combined.reporting_unit is not null
{% endtest %}

{% test seed_reporting_unit_is_final(model, column_name) %}
select
    {{ seed_file(model) }} as file,
    combined.business_unit_name as row_name,
    'it reports as "' || combined.reporting_unit || '", which itself reports as "' || further.reporting_unit || '"' as found,
    'write reporting_unit "' || further.reporting_unit || '"' as fix
from {{ model }} as combined
inner join {{ model }} as further
    on {{ name_key('combined.reporting_unit') }} = {{ name_key('further.business_unit_name') }}
where further.reporting_unit != combined.reporting_unit
{% endtest %}

{% test seed_pair_stands_once(model, first, second) %}
select
    {{ seed_file(model) }} as file,
    {{ first }} || ', ' || {{ second }} as row_name,
    cast(count(*) as {{ dbt.type_string() }}) || ' rows for this pair' as found,
    'keep one row' as fix
from {{ model }}
group by {{ first }}, {{ second }}
having count(*) > 1
{% endtest %}
