with

business_units as (

    select * from {{ ref('stg_servicetitan__business_units') }}

),

combinations as (

    select * from {{ ref('business_units') }}

),

-- A reporting unit is known under its own name, too, whether or not the seed gives it a row of its own.
known_names as (

    select
        {{ name_key('business_unit_name') }} as business_unit_key,
        reporting_unit,
        unit_kind,
        region,
        region_name
    from combinations

    union distinct

    select
        {{ name_key('reporting_unit') }} as business_unit_key,
        reporting_unit,
        unit_kind,
        region,
        region_name
    from combinations

),

final as (

    select
        business_units.business_unit_id,
        business_units.business_unit_name,
        coalesce(known_names.reporting_unit, nullif(business_units.business_unit_name, ''), {{ no_business_unit() }})
            as reporting_unit,
        coalesce(known_names.unit_kind, 'unmapped') as unit_kind,
        coalesce(known_names.region, {{ no_region() }}) as region,
        coalesce(known_names.region_name, {{ no_region() }}) as region_name,
        business_units.is_active

    from business_units
    left join known_names
        on {{ name_key('business_units.business_unit_name') }} = known_names.business_unit_key

)

select * from final
