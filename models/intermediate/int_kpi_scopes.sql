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

    select * from {{ ref('stg_job_type_lists') }}

),

list_rules as (

    select * from {{ ref('stg_kpi_lists') }}

),

job_types as (

    select job_type_key from lists
    union distinct
    select {{ no_list_row() }} as job_type_key

),

spans as (

    select
        first_day,
        last_day
    from lists

    union distinct

    select
        first_day,
        last_day
    from list_rules

),

-- The days from which something may be otherwise than on the day before.
days as (

    select {{ first_of_days() }} as first_day

    union distinct

    select first_day
    from spans
    where first_day is not null

    union distinct

    select {{ add_days('least(last_day, ' ~ add_days(last_of_days(), -1) ~ ')', 1) }} as first_day
    from spans
    where last_day < {{ last_of_days() }}

),

listed as (

    select
        job_types.job_type_key,
        days.first_day,
        coalesce(lists.list_name, 'none') as list_name

    from job_types
    cross join days
    left join lists
        on
            job_types.job_type_key = lists.job_type_key
            and days.first_day between lists.first_day and lists.last_day

),

-- A KPI with `only` rows counts those lists and nothing else; then the lists `without` which it counts are taken away.
judged as (

    select
        kpis.kpi,
        listed.job_type_key,
        listed.first_day,
        coalesce(max(case when list_rules.rule = 'only' then 1 end), 0)
        = coalesce(max(case when list_rules.rule = 'only' and list_rules.list_name = listed.list_name then 1 end), 0)
        and coalesce(
            max(case when list_rules.rule = 'without' and list_rules.list_name = listed.list_name then 1 end), 0
        ) = 0 as is_counted

    from kpis
    cross join listed
    left join list_rules
        on
            kpis.kpi = list_rules.kpi
            and listed.first_day between list_rules.first_day and list_rules.last_day

    group by kpis.kpi, listed.job_type_key, listed.first_day

),

compared as (

    select
        *,
        lag(is_counted) over (partition by kpi, job_type_key order by first_day) as was_counted
    from judged

),

-- As few and as long spans as can be: most types have one, of all days.
counted as (

    select
        kpi,
        job_type_key,
        is_counted,
        first_day as counted_from,
        coalesce(
            {{ add_days('lead(first_day) over (partition by kpi, job_type_key order by first_day)', -1) }},
            {{ last_of_days() }}
        ) as counted_to
    from compared
    where is_counted is distinct from was_counted

),

final as (

    select
        kpis.kpi,
        unit_kinds.unit_kind,
        counted.job_type_key,
        counted.counted_from,
        counted.counted_to

    from kpis
    inner join unit_kinds
        on
            kpis.applies_to = unit_kinds.unit_kind
            or kpis.applies_to = 'any'
            or unit_kinds.unit_kind = 'unmapped'
    inner join counted
        on kpis.kpi = counted.kpi
    where counted.is_counted

)

select * from final
