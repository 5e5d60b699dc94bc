with

jobs as (

    select * from {{ ref('stg_servicetitan__jobs') }}

),

starts as (

    select * from {{ ref('int_job_starts') }}

),

business_units as (

    select * from {{ ref('dim_business_units') }}

),

job_types as (

    select * from {{ ref('dim_job_types') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

customers as (

    select * from {{ ref('stg_servicetitan__customers') }}

),

reporting_units as (

    select * from {{ ref('dim_reporting_units') }}

),

named as (

    select
        jobs.*,
        business_units.business_unit_name,
        {{ reporting_unit('business_units') }} as reporting_unit,
        job_types.job_type_name,
        coalesce(job_types.job_type_key, {{ no_list_row() }}) as job_type_key,
        coalesce(job_types.list_name, 'none') as job_type_list,
        job_types.sold_threshold,
        campaigns.campaign_name,
        customers.customer_name,
        starts.start_date,
        starts.starts_at

    from jobs
    left join business_units
        on jobs.business_unit_id = business_units.business_unit_id
    left join job_types
        on jobs.job_type_id = job_types.job_type_id
    left join campaigns
        on jobs.campaign_id = campaigns.campaign_id
    left join customers
        on jobs.customer_id = customers.customer_id
    left join starts
        on jobs.job_id = starts.job_id

),

final as (

    select
        named.job_id,
        named.job_number,
        named.job_status,
        named.business_unit_id,
        named.business_unit_name,
        named.reporting_unit,
        reporting_units.unit_kind,
        reporting_units.region,
        named.job_type_id,
        named.job_type_name,
        named.job_type_key,
        named.job_type_list,
        named.sold_threshold,
        named.campaign_id,
        named.campaign_name,
        named.customer_id,
        named.customer_name,
        named.location_id,
        named.is_no_charge,
        named.created_date,
        named.completed_date,
        named.start_date,
        named.created_at,
        named.completed_at,
        named.starts_at,
        named.modified_at

    from named
    left join reporting_units
        on named.reporting_unit = reporting_units.reporting_unit

)

select * from final
