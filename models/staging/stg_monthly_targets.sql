with

monthly_targets as (

    select * from {{ ref(var('monthly_targets')) }}

),

-- A region by its code or its name in words, or the company.
places as (

    select distinct
        {{ name_key('region') }} as place_key,
        'region' as level,
        region as member
    from {{ ref('business_units') }}

    union distinct

    select distinct
        {{ name_key('region_name') }} as place_key,
        'region' as level,
        region as member
    from {{ ref('business_units') }}

    union distinct

    select
        'company' as place_key,
        'company' as level,
        'Company' as member

),

parsed as (

    select
        kpi,
        region,
        month as written_month,
        target as written_target,
        {{ first_of_month('coalesce(' ~ try_date("month || '-01'") ~ ', ' ~ try_date('month') ~ ')') }} as month,
        {{ printed_number('target') }} as target
    from monthly_targets

),

final as (

    select
        parsed.kpi,
        places.level,
        places.member,
        parsed.month,
        parsed.target,
        coalesce(parsed.kpi, '?') || ', ' || coalesce(parsed.region, '?') || ', ' || coalesce(parsed.written_month, '?')
            as row_name,
        case
            when
                coalesce(parsed.kpi, '') not in (
                    {%- for kpi in kpis() %}
                    '{{ kpi }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
                then 'kpi is ' || coalesce('"' || parsed.kpi || '"', 'empty')
            when places.member is null then 'region is ' || coalesce('"' || parsed.region || '"', 'empty')
            when parsed.month is null then 'month is ' || coalesce('"' || parsed.written_month || '"', 'empty')
            when parsed.target is null or parsed.target < 0
                then 'target is ' || coalesce('"' || parsed.written_target || '"', 'empty')
            when
                count(*) over (partition by parsed.kpi, places.level, places.member, parsed.month) > 1
                then 'more than one target for this KPI, region and month'
        end as fault

    from parsed
    left join places
        on {{ name_key('parsed.region') }} = places.place_key

)

select * from final
