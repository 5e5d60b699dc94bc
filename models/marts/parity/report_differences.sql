{%- set components = {
    'subtotal': 'subtotal',
    'labor_pay': 'labor',
    'payroll_adjustments': 'adjustments',
    'material_cost': 'materials',
    'return_cost': 'returns',
} -%}

with

differences as (

    select
        differences.*,
        runs.report,
        runs.report_name,
        runs.layout,
        runs.came_from,
        runs.file_name,
        runs.period_start,
        runs.period_end,
        runs.pulled_at
    from {{ ref('int_report_differences') }} as differences
    inner join {{ ref('int_report_runs') }} as runs
        on
            differences.run_id = runs.run_id
            and differences.kpi = runs.kpi

),

jobs as (

    select
        jobs.*,
        {{ job_key('jobs') }} as record_key,
        coalesce(job_types.has_list_row, false) as has_list_row
    from {{ ref('dim_jobs') }} as jobs
    left join {{ ref('dim_job_types') }} as job_types
        on jobs.job_type_id = job_types.job_type_id

),

our_records as (

    select * from {{ ref('int_our_records') }}

),

landed as (

    select
        'job' as record_kind,
        record_key
    from jobs

    union distinct

    select
        'payment' as record_kind,
        cast(payment_id as {{ dbt.type_string() }}) as record_key
    from {{ ref('stg_servicetitan__payments') }}

    union distinct

    select
        'receivable line' as record_kind,
        line as record_key
    from {{ ref('int_receivable_movements') }}

),

-- Where else in ours a record counts that the report has in its period and unit.
elsewhere_in_ours as (

    select
        differences.run_id,
        differences.kpi,
        differences.record_key,
        differences.reported_unit,
        min(case when not ({{ is_in_period('our_records', 'differences') }}) then our_records.first_day end)
            as other_day,
        min(case when {{ is_in_period('our_records', 'differences') }} then our_records.business_unit end) as other_unit
    from differences
    inner join our_records
        on
            differences.kpi = our_records.kpi
            and differences.record_kind = our_records.record_kind
            and differences.record_key = our_records.record_key
    where differences.found_in = 'only in the report'
    group by differences.run_id, differences.kpi, differences.record_key, differences.reported_unit

),

-- ... and in which other unit the report has a record that is in ours.
elsewhere_in_report as (

    select
        differences.run_id,
        differences.kpi,
        differences.record_key,
        differences.our_unit,
        min(reported.business_unit) as other_unit
    from differences
    inner join {{ ref('int_reported_records') }} as reported
        on
            differences.run_id = reported.run_id
            and differences.kpi = reported.kpi
            and differences.record_key = reported.record_key
    where differences.found_in = 'only in ours'
    group by differences.run_id, differences.kpi, differences.record_key, differences.our_unit

),

-- The moments that put a job on its day, and the day that each would be in UTC.
moments as (

    {% for kpi, moment in {
        'lead_count': 'created_at',
        'num_estimates': 'completed_at',
        'close_rate_percent': 'completed_at',
        'dollars_produced': 'starts_at',
        'gpm_percent': 'starts_at',
        'warranty_percent': 'starts_at',
    }.items() %}
    select
        '{{ kpi }}' as kpi,
        record_key,
        {{ local_date(moment) }} as day_here,
        {{ utc_date(moment) }} as day_in_utc
    from jobs
    union all
    {% endfor %}
    {% for kpi in ['total_booked', 'close_rate_percent'] %}
    select
        '{{ kpi }}' as kpi,
        jobs.record_key,
        estimates.sold_date as day_here,
        {{ utc_date('estimates.sold_at') }} as day_in_utc
    from {{ ref('stg_servicetitan__estimates') }} as estimates
    inner join jobs
        on estimates.job_id = jobs.job_id
    where
        estimates.is_active
        and estimates.estimate_status = 'Sold'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- The zone moves such a moment into the period or out of it.
moved_by_the_zone as (

    select distinct
        differences.run_id,
        differences.kpi,
        differences.record_key
    from differences
    inner join moments
        on
            differences.kpi = moments.kpi
            and differences.record_key = moments.record_key
    where
        (
            differences.found_in = 'only in ours'
            and moments.day_here between differences.period_start and differences.period_end
            and moments.day_in_utc not between differences.period_start and differences.period_end
        )
        or (
            differences.found_in = 'only in the report'
            and moments.day_in_utc between differences.period_start and differences.period_end
            and moments.day_here not between differences.period_start and differences.period_end
        )

),

kpis_of_listed_types as (

    select distinct kpi
    from {{ ref('kpi_lists') }}
    where rule = 'only'

),

unit_kinds as (

    select
        reporting_unit,
        unit_kind
    from {{ ref('dim_reporting_units') }}

),

facts as (

    select
        differences.*,
        {%- for component, word in components.items() %}
        case
            when round(differences.reported_{{ component }}, 2) != round(costs.{{ component }}, 2)
                then
                    '{{ word }} ' || {{ written_money('differences.reported_' ~ component) }} || ' in the report, '
                    || {{ written_money('costs.' ~ component) }} || ' in ours'
        end as {{ component }}_differs,
        {%- endfor %}
        coalesce(differences.our_unit, elsewhere_in_ours.other_unit, jobs.reporting_unit) as unit_in_ours,
        coalesce(differences.reported_unit, elsewhere_in_report.other_unit) as unit_in_report,
        elsewhere_in_ours.other_day,
        jobs.job_id,
        jobs.job_status,
        jobs.job_type_name,
        jobs.customer_name,
        changes.changed_at,
        landed.record_key is not null as is_landed,
        coalesce(lower(jobs.customer_name) like '%test%', false) and differences.kpi = 'lead_count' as is_test_customer,
        moved_by_the_zone.record_key is not null as is_moved_by_the_zone,
        kpis_of_listed_types.kpi is not null and not coalesce(jobs.has_list_row, true) as is_of_no_list,
        coalesce(changes.changed_at > differences.pulled_at, false) as is_changed_since


    from differences
    left join jobs
        on
            differences.record_kind = 'job'
            and differences.record_key = jobs.record_key
    left join {{ ref('int_job_costs') }} as costs
        on
            jobs.job_id = costs.job_id
            and differences.layout in ('job_cost', 'bookings')
            and differences.found_in = 'in both'
    left join landed
        on
            differences.record_kind = landed.record_kind
            and differences.record_key = landed.record_key
    left join elsewhere_in_ours
        on
            differences.run_id = elsewhere_in_ours.run_id
            and differences.kpi = elsewhere_in_ours.kpi
            and differences.record_key = elsewhere_in_ours.record_key
            and differences.reported_unit = elsewhere_in_ours.reported_unit
    left join elsewhere_in_report
        on
            differences.run_id = elsewhere_in_report.run_id
            and differences.kpi = elsewhere_in_report.kpi
            and differences.record_key = elsewhere_in_report.record_key
            and differences.our_unit = elsewhere_in_report.our_unit
    left join moved_by_the_zone
        on
            differences.run_id = moved_by_the_zone.run_id
            and differences.kpi = moved_by_the_zone.kpi
            and differences.record_key = moved_by_the_zone.record_key
    left join kpis_of_listed_types
        on differences.kpi = kpis_of_listed_types.kpi
    left join {{ ref('int_record_changes') }} as changes
        on
            differences.record_kind = changes.record_kind
            and differences.record_key = changes.record_key

),

judged as (

    select
        facts.*,
        coalesce(subtotal_differs || '; ', '')
        || coalesce(labor_pay_differs || '; ', '')
        || coalesce(payroll_adjustments_differs || '; ', '')
        || coalesce(material_cost_differs || '; ', '')
        || coalesce(return_cost_differs || '; ', '') as components_that_differ,
        coalesce(unit_in_ours != unit_in_report, false) as is_of_other_unit,
        coalesce(kind_in_ours.unit_kind, kind_in_report.unit_kind) = 'unmapped'
        or coalesce(kind_in_report.unit_kind, kind_in_ours.unit_kind) = 'unmapped' as is_of_unmapped_unit

    from facts
    left join unit_kinds as kind_in_ours
        on facts.unit_in_ours = kind_in_ours.reporting_unit
    left join unit_kinds as kind_in_report
        on facts.unit_in_report = kind_in_report.reporting_unit

),

-- The first reason that holds. What cannot have changed since the pull is asked before what can.
reasoned as (

    select
        *,
        case
            when found_in = 'only in the report' and not is_landed then 'not landed yet'
            when found_in = 'only in the report' and is_test_customer then 'test customer'
            when found_in = 'only in the report' and is_moved_by_the_zone then 'other day (time zone)'
            when found_in = 'only in the report' and other_day is not null then 'other day (rescheduled)'
            when is_of_other_unit and is_of_unmapped_unit then 'unit unmapped'
            when is_of_other_unit then 'other unit'
            when found_in = 'only in the report' and is_of_no_list then 'job type in no list'
            when found_in = 'only in the report' and is_changed_since then 'status changed after the pull'
            when is_changed_since then 'changed since the pull'
            when found_in = 'only in ours' and is_of_unmapped_unit then 'unit unmapped'
            when found_in = 'only in ours' and is_moved_by_the_zone then 'other day (time zone)'
            when components_that_differ != '' then 'cost component differs'
        end as reason
    from judged

),

final as (

    select
        run_id,
        report,
        report_name,
        came_from,
        file_name,
        period_start,
        period_end,
        pulled_at,
        kpi,
        record_kind,
        record_key,
        found_in,
        unit_in_report,
        unit_in_ours,
        reported_numerator,
        reported_denominator,
        our_numerator,
        our_denominator,
        coalesce(reason, 'no reason found') as reason,
        case reason
            when
                'other day (time zone)'
                then 'the business has it on ' || cast(coalesce(our_day, other_day) as {{ dbt.type_string() }})
            when 'other day (rescheduled)' then 'ours counts it on ' || cast(other_day as {{ dbt.type_string() }})
            when
                'unit unmapped'
                then
                    coalesce(unit_in_report, 'not in the report')
                    || ' in the report, '
                    || coalesce(unit_in_ours, 'no unit')
                    || ' in ours'
            when
                'other unit'
                then
                    coalesce(unit_in_report, 'no unit')
                    || ' in the report, '
                    || coalesce(unit_in_ours, 'no unit')
                    || ' in ours'
            when
                'job type in no list'
                then coalesce(job_type_name, 'no job type') || ' has no row in seeds/job_type_lists.csv'
            when 'test customer' then customer_name
            when
                'status changed after the pull'
                then
                    'now '
                    || coalesce(job_status, 'otherwise')
                    || ', changed '
                    || cast(changed_at as {{ dbt.type_string() }})
            when
                'changed since the pull'
                then components_that_differ || 'changed ' || cast(changed_at as {{ dbt.type_string() }})
            when 'cost component differs' then components_that_differ
        end as detail,
        job_id,
        customer_name,
        job_type_name,
        job_status,
        changed_at

    from reasoned

)

select * from final
