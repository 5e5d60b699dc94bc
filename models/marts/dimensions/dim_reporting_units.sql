with

business_units as (

    select * from {{ ref('dim_business_units') }}

),

reporting_units as (

    select distinct
        reporting_unit,
        unit_kind,
        region,
        region_name
    from business_units

    union distinct

    -- where records stand whose unit id is null or not landed
    select
        {{ no_business_unit() }} as reporting_unit,
        'unmapped' as unit_kind,
        {{ no_region() }} as region,
        {{ no_region() }} as region_name

)

select * from reporting_units
