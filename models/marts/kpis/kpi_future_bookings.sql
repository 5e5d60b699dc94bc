with

booked_jobs as (

    select
        jobs.*,
        revenue.subtotal
    from {{ ref('int_kpi_jobs') }} as jobs
    inner join {{ ref('int_job_revenue') }} as revenue
        on jobs.job_id = revenue.job_id
    where
        jobs.kpi = 'future_bookings'
        and jobs.start_date is not null
        and jobs.created_date is not null
        and coalesce(jobs.job_status, '') != 'Canceled'

),

-- The window of a day is [w, w + 1 year], both included. Turned around: a start day S lies in it from the first w with
-- w + 1 year >= S to the last w <= S. A year before 29 February is 1 March: 28 February reaches only the next 28.
windows as (

    select
        *,
        case
            when {{ add_years(add_years('start_date', -1), 1) }} < start_date
                then {{ add_days(add_years('start_date', -1), 1) }}
            else {{ add_years('start_date', -1) }}
        end as first_window_start,
        start_date as last_window_start
    from booked_jobs

),

days as (

    select
        *,
        {%- if future_bookings_from() == 'day' %}
        first_window_start as first_counted_day,
        last_window_start as last_counted_day
        {%- else %}
        -- A week's window starts on its Monday: the first one not before, and all days of the last one's week.
        {{ monday_of(add_days('first_window_start', 6)) }} as first_counted_day,
        {{ add_days(monday_of('last_window_start'), 6) }} as last_counted_day
        {%- endif %}
    from windows

),

-- On each of these days the lists of that day decide; a job can leave and come back.
counted_days as (

    select
        *,
        greatest(created_date, first_counted_day, counted_from) as first_day,
        least(last_counted_day, counted_to) as last_day
    from days

),

final as (

    select
        kpi,
        first_day,
        last_day,
        reporting_unit as business_unit,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        job_id,
        customer_id,
        greatest(created_date, counted_from) as known_from,
        created_date,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        subtotal as numerator,
        {{ money(0) }} as denominator

    from counted_days
    -- A job that was entered after its start was never a future booking.
    where first_day <= last_day

)

select * from final
