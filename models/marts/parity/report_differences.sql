{%- set components = {
    'subtotal': 'subtotal',
    'labor_pay': 'labor',
    'payroll_adjustments': 'adjustments',
    'material_cost': 'materials',
    'return_cost': 'returns',
} -%}
{%- set by_start = "('dollars_produced', 'gpm_percent', 'warranty_percent', 'future_bookings')" -%}

with

differences as (

    select
        differences.*,
        runs.applies_to,
        runs.report,
        runs.report_name,
        runs.layout,
        runs.came_from,
        runs.file_name,
        runs.period_start,
        runs.period_end,
        runs.pulled_at,
        -- The day whose lists apply.
        case
            when {{ adds_up_as('balance', 'differences.kpi') }} then runs.period_end
            else coalesce(differences.reported_day, runs.period_end)
        end as listed_on
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

sold_estimates as (

    select
        estimates.*,
        jobs.record_key
    from {{ ref('stg_servicetitan__estimates') }} as estimates
    inner join jobs
        on estimates.job_id = jobs.job_id
    where
        estimates.is_active
        and estimates.estimate_status = 'Sold'

),

our_records as (

    select * from {{ ref('int_our_records') }}

),

record_changes as (

    select * from {{ ref('int_record_changes') }}

),

landed as (

    select
        'job' as record_kind,
        record_key
    from jobs

    union distinct

    select
        record_kind,
        record_key
    from record_changes
    where record_kind != 'job'

),

-- A payment that is off in several units stands once.
compared_records as (

    select distinct
        run_id,
        kpi,
        record_kind,
        record_key,
        pulled_at
    from differences

),

-- What of a record changed after the report was pulled.
changes_since as (

    select
        differences.run_id,
        differences.kpi,
        record_changes.record_kind,
        record_changes.record_key,
        max(record_changes.changed_at) as changed_at,
        {{ dbt.listagg('record_changes.changed', "', '", 'order by record_changes.changed') }} as what_changed
    from compared_records as differences
    inner join record_changes
        on
            differences.kpi = record_changes.kpi
            and differences.record_kind = record_changes.record_kind
            and differences.record_key = record_changes.record_key
            and differences.pulled_at < record_changes.changed_at
    group by differences.run_id, differences.kpi, record_changes.record_kind, record_changes.record_key

),

-- Where else in ours a record counts that the report has in its period and unit. Of a line of receivables that says
-- nothing: every line begins and ends.
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
    left join {{ ref('int_reported_records') }} as reported
        on
            differences.run_id = reported.run_id
            and differences.kpi = reported.kpi
            and differences.record_key = reported.record_key
            and our_records.business_unit = reported.business_unit
    where
        (differences.found_in = 'only in the report' or differences.kpi = 'total_booked')
        and differences.record_kind != 'receivable line'
        and (reported.run_id is null or differences.reported_unit = our_records.business_unit)
    group by differences.run_id, differences.kpi, differences.record_key, differences.reported_unit

),

-- ... and in which other unit the report has more of a record that is in ours.
elsewhere_in_report as (

    select
        differences.run_id,
        differences.kpi,
        differences.record_key,
        differences.our_unit,
        min(reported.reported_unit) as other_unit
    from differences
    inner join differences as reported
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
        {{ moment }} as moment,
        {{ local_date(moment) }} as day_here,
        {{ utc_date(moment) }} as day_in_utc,
        {{ money(0) }} as amount
    from jobs
    union all
    {% endfor %}
    {% for kpi in ['total_booked', 'close_rate_percent'] %}
    select
        '{{ kpi }}' as kpi,
        record_key,
        sold_at as moment,
        sold_date as day_here,
        {{ utc_date('sold_at') }} as day_in_utc,
        subtotal as amount
    from sold_estimates
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

moments_of_differences as (

    select
        differences.*,
        moments.moment,
        moments.day_here,
        moments.day_in_utc,
        moments.amount,
        moments.day_here between differences.period_start and differences.period_end as is_in_here,
        moments.day_in_utc between differences.period_start and differences.period_end as is_in_utc
    from differences
    inner join moments
        on
            differences.kpi = moments.kpi
            and differences.record_key = moments.record_key

),

-- The zone moves such a moment into the period or out of it; of a job with several sales that must explain the amount.
moved_by_the_zone as (

    select
        run_id,
        kpi,
        record_key,
        min(day_here) as day_here,
        min(day_in_utc) as day_in_utc
    from moments_of_differences
    where is_in_here != is_in_utc
    group by run_id, kpi, record_key, found_in, reported_numerator, our_numerator
    having
        (found_in = 'only in ours' and count(case when is_in_here then 1 end) > 0)
        or (found_in = 'only in the report' and count(case when is_in_utc then 1 end) > 0)
        or (
            found_in = 'in both'
            and kpi = 'total_booked'
            and round(sum(case when is_in_utc then amount else -amount end), 2)
            = round(reported_numerator - our_numerator, 2)
        )

),

-- Completed or sold after the pull.
happened_since as (

    select distinct
        run_id,
        kpi,
        record_key
    from moments_of_differences
    where
        kpi in ('num_estimates', 'total_booked', 'close_rate_percent')
        and is_in_here
        and moment > pulled_at

),

sold_of_jobs as (

    select
        record_key,
        sum(subtotal) as subtotal
    from sold_estimates
    group by record_key

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
                    '; {{ word }} ' || {{ written_money('differences.reported_' ~ component) }} || ' in the report, '
                    || {{ written_money('costs.' ~ component) }} || ' in ours'
            else ''
        end as {{ component }}_differs,
        {%- endfor %}
        coalesce(differences.our_unit, elsewhere_in_ours.other_unit, jobs.reporting_unit) as unit_in_ours,
        coalesce(differences.reported_unit, elsewhere_in_report.other_unit) as unit_in_report,
        case when differences.kpi in {{ by_start }} then jobs.start_date else elsewhere_in_ours.other_day end
            as day_in_ours,
        jobs.job_id,
        jobs.job_status,
        jobs.job_type_name,
        coalesce(lists.list_name, 'none') as job_type_list,
        lists.first_day > {{ first_of_days() }} or lists.last_day < {{ last_of_days() }} as is_list_dated,
        jobs.unit_kind,
        jobs.created_date,
        coalesce(jobs.customer_name, differences.reported_customer) as customer_name,
        jobs.has_list_row,
        scopes.kpi is not null as is_list_counted,
        changes_since.changed_at,
        changes_since.what_changed,
        landed.record_key is not null as is_landed,
        lower(jobs.customer_name) like '%test%' and differences.kpi = 'lead_count' as is_test_customer,
        moved_by_the_zone.day_here,
        moved_by_the_zone.day_in_utc,
        happened_since.kpi is not null as is_happened_since,
        sold_of_jobs.subtotal as sold_on_all_days

    from differences
    left join jobs
        on
            differences.record_kind = 'job'
            and differences.record_key = jobs.record_key
    left join {{ ref('int_job_costs') }} as costs
        on
            jobs.job_id = costs.job_id
            and differences.kpi in ('gpm_percent', 'warranty_percent')
            and differences.found_in = 'in both'
    -- The share of warranty work is of what was produced, too.
    left join {{ ref('int_kpi_scopes') }} as scopes
        on
            case when differences.kpi = 'warranty_percent' then 'dollars_produced' else differences.kpi end = scopes.kpi
            and jobs.unit_kind = scopes.unit_kind
            and jobs.job_type_key = scopes.job_type_key
            and differences.listed_on between scopes.counted_from and scopes.counted_to
    left join {{ ref('stg_job_type_lists') }} as lists
        on
            jobs.job_type_key = lists.job_type_key
            and differences.listed_on between lists.first_day and lists.last_day
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
    left join happened_since
        on
            differences.run_id = happened_since.run_id
            and differences.kpi = happened_since.kpi
            and differences.record_key = happened_since.record_key
    left join sold_of_jobs
        on
            differences.kpi in ('total_booked', 'close_rate_percent')
            and differences.record_key = sold_of_jobs.record_key
    left join changes_since
        on
            differences.run_id = changes_since.run_id
            and differences.kpi = changes_since.kpi
            and differences.record_key = changes_since.record_key

),

judged as (

    select
        facts.*,
        labor_pay_differs || payroll_adjustments_differs || material_cost_differs || return_cost_differs
            as costs_that_differ,
        coalesce(unit_in_ours != unit_in_report, false) as is_of_other_unit,
        -- A unit that only the report knows is unmapped, too.
        (unit_in_ours is not null and coalesce(kind_in_ours.unit_kind, 'unmapped') = 'unmapped')
        or (unit_in_report is not null and coalesce(kind_in_report.unit_kind, 'unmapped') = 'unmapped')
            as is_of_unmapped_unit,
        changed_at is not null as is_changed_since,
        {{ adds_up_as('balance') }} and created_date > period_end as is_booked_later,
        case
            when kpi in {{ by_start }}
                then record_kind = 'job' and coalesce(reported_day != day_in_ours, true)
            else day_in_ours is not null
        end as is_on_other_day,
        -- That the job is no longer, or only now, what the KPI counts.
        case kpi
            when 'num_estimates' then coalesce(job_status, '') != 'Completed'
            when 'close_rate_percent'
                then
                    case
                        when reported_numerator = 0
                            then coalesce(job_status, '') != 'Completed' or sold_on_all_days is not null
                        else day_in_ours is null
                    end
            when 'future_bookings' then job_status = 'Canceled'
            when 'total_booked' then day_in_ours is null and what_changed like '%estimates%'
        end as is_of_other_status

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
            when found_in = 'only in the report'
                then
                    case
                        when not is_landed then 'not landed yet'
                        when is_test_customer then 'test customer'
                        when day_here is not null then 'other day (time zone)'
                        when is_booked_later then 'booked after the day'
                        when is_changed_since and is_of_other_status then 'status changed after the pull'
                        when is_on_other_day and kpi in {{ by_start }} then 'other day (rescheduled)'
                        when is_on_other_day then 'other day'
                        when is_of_other_unit and is_of_unmapped_unit then 'unit unmapped'
                        when is_of_other_unit then 'other unit'
                        when unit_kind not in (applies_to, 'unmapped') and applies_to != 'any'
                            then 'unit of another kind'
                        when not is_list_counted and not has_list_row then 'job type in no list'
                        when not is_list_counted and has_list_row then 'job type in another list'
                        when is_changed_since then 'changed since the pull'
                    end
            when is_of_other_unit and is_of_unmapped_unit then 'unit unmapped'
            when is_of_other_unit then 'other unit'
            -- A file of a longer period: one amount for sales of several days.
            when
                kpi = 'total_booked' and day_in_ours is not null
                and round(reported_numerator, 2) = round(sold_on_all_days, 2)
                then 'other day'
            when is_changed_since and is_happened_since then 'status changed after the pull'
            when is_changed_since then 'changed since the pull'
            when found_in = 'only in ours' and is_of_unmapped_unit then 'unit unmapped'
            when day_here is not null then 'other day (time zone)'
            when costs_that_differ != '' and round(reported_numerator, 2) != round(our_numerator, 2)
                then 'cost component differs'
            when subtotal_differs != '' then 'subtotal differs'
        end as reason
    from judged

),

described as (

    select
        *,
        what_changed || ' changed, last on ' || {{ written_instant('changed_at') }} as change
    from reasoned

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
        case
            when reason = 'other day (time zone)'
                then
                    cast(day_here as {{ dbt.type_string() }}) || ' here, '
                    || cast(day_in_utc as {{ dbt.type_string() }}) || ' in UTC'
            when reason = 'booked after the day'
                then 'created on ' || cast(created_date as {{ dbt.type_string() }})
            when reason = 'other day' and found_in = 'in both'
                then 'also sold on ' || cast(day_in_ours as {{ dbt.type_string() }})
            when reason like 'other day%'
                then
                    coalesce(cast(reported_day as {{ dbt.type_string() }}) || ' in the report, ', '')
                    || coalesce(cast(day_in_ours as {{ dbt.type_string() }}), 'no day')
                    || ' in ours'
            when reason in ('unit unmapped', 'other unit')
                then
                    coalesce(unit_in_report || ' in the report, ', 'not in the report, ')
                    || coalesce(unit_in_ours, 'no unit')
                    || ' in ours'
            when reason = 'unit of another kind' then unit_in_ours || ' is a ' || unit_kind || ' unit'
            when reason = 'job type in no list'
                then coalesce(job_type_name, 'no job type') || ' has no row in seeds/job_type_lists.csv'
            when reason = 'job type in another list'
                then
                    job_type_name || ' is in the list ' || job_type_list
                    || case when is_list_dated then ' on ' || cast(listed_on as {{ dbt.type_string() }}) else '' end
            when reason = 'test customer' then customer_name
            when reason = 'status changed after the pull'
                then 'the job is ' || coalesce(job_status, 'without a status') || ' now; ' || change
            when reason = 'changed since the pull'
                then substr(subtotal_differs || costs_that_differ || '; ' || change, 3)
            when reason = 'cost component differs' then substr(subtotal_differs || costs_that_differ, 3)
            when reason = 'subtotal differs' then substr(subtotal_differs, 3)
        end as detail,
        job_id,
        customer_name,
        job_type_name,
        job_status,
        changed_at

    from described

)

select * from final
