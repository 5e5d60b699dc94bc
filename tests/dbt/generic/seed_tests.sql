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

{% test seed_value_is_a_day(model, column_name, row_name) %}
select
    {{ seed_file(model) }} as file,
    coalesce({{ row_name }}, 'a row without {{ row_name }}') as row_name,
    '{{ column_name }} is "' || {{ column_name }} || '"' as found,
    'write a day such as 2025-03-01 or 3/1/2025, or nothing' as fix
from {{ model }}
where {{ column_name }} != ''
    and {{ try_date(column_name) }} is null
{% endtest %}

{% test seed_days_are_in_order(model, row_name) %}
select
    {{ seed_file(model) }} as file,
    coalesce({{ row_name }}, 'a row without {{ row_name }}') as row_name,
    'valid_from ' || valid_from || ' is after valid_to ' || valid_to as found,
    'correct one of them: both days are included' as fix
from {{ model }}
where {{ first_valid_day() }} > {{ last_valid_day() }}
{% endtest %}

{% test seed_one_row_per_day(model, names, says) %}
with

rows_of_seed as ({{ dated_rows_of_seed(model, names, says) }})

select
    {{ seed_file(model) }} as file,
    least(one.row_name, other.row_name) as row_name,
    '2 rows for ' || {{ written_days('other.first_day', 'least(one.last_day, other.last_day)') }}
    || ', with {{ says }}: ' || one.says || ', ' || other.says as found,
    'keep one row, or let one end (valid_to) before the other begins (valid_from)' as fix
from rows_of_seed as one
inner join rows_of_seed as other
    on
        one.row_key = other.row_key
        and one.row_number < other.row_number
where other.first_day <= one.last_day
{% endtest %}

{% test seed_days_leave_no_gap(model, names, says, instead) %}
with

rows_of_seed as ({{ dated_rows_of_seed(model, names, says) }}),

-- The days up to which the rows before have said something.
followed as (

    select
        *,
        max(last_day) over (
            partition by row_key order by row_number rows between unbounded preceding and 1 preceding
        ) as said_until
    from rows_of_seed

),

gaps as (

    select
        *,
        {{ add_days('least(said_until, ' ~ add_days(last_of_days(), -1) ~ ')', 1) }} as gap_from,
        {{ add_days('greatest(first_day, ' ~ add_days(first_of_days(), 1) ~ ')', -1) }} as gap_to
    from followed

)

select
    {{ seed_file(model) }} as file,
    row_name,
    'no row for ' || {{ written_days('gap_from', 'gap_to') }} as found,
    'let the rows meet, or write one for these days with {{ instead }}' as fix
from gaps
where said_until is not null
    and gap_from <= gap_to
{% endtest %}
