with

records as (

    select * from {{ ref('int_kpi_records') }}

),

jobs as (

    select * from {{ ref('dim_jobs') }}

),

customers as (

    select * from {{ ref('stg_servicetitan__customers') }}

),

final as (

    select
        records.kpi,
        records.first_day,
        records.last_day,
        records.business_unit,
        records.record_kind,
        records.record_id,
        records.job_id,
        jobs.job_number,
        jobs.job_type_name,
        jobs.campaign_name,
        records.customer_id,
        customers.customer_name,
        records.counted_key,
        records.numerator,
        records.denominator,
        case records.kpi
            when 'lead_count' then 'a job of an estimate type was created'
            when 'num_estimates' then 'a job of an estimate type was completed'
            when 'total_booked' then 'the estimate was sold'
            when 'dollars_produced' then 'the job starts; its invoices add up to this'
            when 'gpm_percent' then 'the job starts; revenue less cost, of revenue'
            when 'close_rate_percent'
                then case when records.numerator = 1 then 'sold' else 'completed without being sold' end
            when 'warranty_percent'
                then case
                    when records.numerator = 0 then 'the job starts; its dollars produced'
                    else 'a warranty job starts; its cost'
                end
            when 'dollars_collected'
                then case
                    when records.record_kind = 'payment rest' then 'paid and applied to no active invoice'
                    else 'paid on an invoice of this unit'
                end
            when 'future_bookings' then 'booked; the job starts within the year from the Monday of the week'
            when 'outstanding_ar' then 'owed, all payments taken off'
        end as why_it_counts

    from records
    left join jobs
        on records.job_id = jobs.job_id
    left join customers
        on records.customer_id = customers.customer_id

)

select * from final
