with

records as (

    select * from {{ ref('int_kpi_records') }}

),

jobs as (

    select * from {{ ref('dim_jobs') }}

),

final as (

    select
        records.kpi,
        records.first_day,
        records.last_day,
        records.business_unit,
        case
            when records.record_kind in ('job', 'estimate') then 'job'
            when records.record_kind in ('payment application', 'payment rest') then 'payment'
            else records.record_kind
        end as record_kind,
        case
            when records.record_kind in ('job', 'estimate') then {{ job_key('jobs') }}
            when records.record_kind in ('payment application', 'payment rest')
                then {{ captured('records.record_id', '^([0-9]+)-') }}
            else records.record_id
        end as record_key,
        records.job_id,
        records.numerator,
        records.denominator

    from records
    left join jobs
        on records.job_id = jobs.job_id

)

select * from final
