{#- Which kind of unit each KPI applies to, as SQL. -#}
{%- set applies_to = [] -%}
{%- for kpi, rule in kpis().items() -%}
{%- do applies_to.append("when '" ~ kpi ~ "' then '" ~ rule.applies_to ~ "'") -%}
{%- endfor -%}

with

report_values as (

    select * from {{ ref('report_values') }}

),

reporting_units as (

    select * from {{ ref('dim_reporting_units') }}

),

-- Where a value can stand: a reporting unit by its name, a region by its code or name, or the company.
all_places as (

    select distinct
        {{ name_key('reporting_unit') }} as place_key,
        'business_unit' as level,
        reporting_unit as member,
        unit_kind
    from reporting_units

    union distinct

    select distinct
        {{ name_key('region') }} as place_key,
        'region' as level,
        region as member,
        'unmapped' as unit_kind
    from reporting_units

    union distinct

    select distinct
        {{ name_key('region_name') }} as place_key,
        'region' as level,
        region as member,
        'unmapped' as unit_kind
    from reporting_units

    union distinct

    select
        'company' as place_key,
        'company' as level,
        'Company' as member,
        'unmapped' as unit_kind

),

-- A unit that nobody combined may be called like a region: its own name wins.
places as (

    select * from (
        select
            *,
            row_number() over (partition by place_key order by level, member) as preference
        from all_places
    ) as preferred
    where preference = 1

),

combined_units as (

    select distinct
        {{ name_key('business_unit_name') }} as combined_key,
        reporting_unit
    from {{ ref('business_units') }}

),

cleaned as (

    select
        note,
        {{ trim_blanks('report') }} as report,
        {{ trim_blanks('period_start') }} as period_start,
        {{ trim_blanks('period_end') }} as period_end,
        {{ trim_blanks('business_unit_or_region') }} as business_unit_or_region,
        {{ trim_blanks('kpi') }} as kpi,
        {{ trim_blanks('value') }} as value,
        {{ trim_blanks('pulled_at') }} as pulled_at
    from report_values

),

read as (

    select
        cleaned.*,
        {{ try_date('cleaned.period_start') }} as first_day,
        {{ try_date('cleaned.period_end') }} as last_day,
        {{ try_instant('cleaned.pulled_at') }} as pulled,
        {{ printed_number('cleaned.value') }} as number_read,
        {{ printed_decimals('cleaned.value') }} as decimals,
        lower(cleaned.kpi) as kpi_name,
        case lower(cleaned.kpi) {{ applies_to | join(' ') }} end as applies_to,
        places.level,
        places.member,
        places.unit_kind,
        combined_units.reporting_unit as combined_into

    from cleaned
    left join places
        on {{ name_key('cleaned.business_unit_or_region') }} = places.place_key
    left join combined_units
        on {{ name_key('cleaned.business_unit_or_region') }} = combined_units.combined_key

),

-- Named by what was read, not by how it is written: a spreadsheet that saves days in its own form makes no new value.
named as (

    select
        *,
        coalesce(report, '')
        || ' | ' || coalesce(cast(first_day as {{ dbt.type_string() }}), period_start, '')
        || ' | ' || coalesce(cast(last_day as {{ dbt.type_string() }}), period_end, '')
        || ' | ' || coalesce(member, business_unit_or_region, '')
        || ' | ' || coalesce(kpi_name, '')
        || ' | ' || coalesce({{ written_instant('pulled') }}, pulled_at, '') as reported_value_id
    from read

),

counted as (

    select
        *,
        count(*) over (partition by reported_value_id) as equal_rows
    from named

),

final as (

    select
        reported_value_id,
        report,
        first_day as period_start,
        last_day as period_end,
        level,
        member,
        kpi_name as kpi,
        number_read as value,
        decimals,
        pulled as pulled_at,
        note,
        case
            when applies_to is null then 'kpi "' || coalesce(kpi, '') || '" is no KPI'
            when level is null and combined_into is not null
                then '"' || business_unit_or_region || '" is reported as "' || combined_into || '"'
            when
                level is null
                then 'there is no business unit or region "' || coalesce(business_unit_or_region, '') || '"'
            when applies_to not in (unit_kind, 'any') and unit_kind != 'unmapped'
                then kpi_name || ' does not apply to ' || member
            when first_day is null then 'period_start "' || coalesce(period_start, '') || '" is no day'
            when last_day is null then 'period_end "' || coalesce(period_end, '') || '" is no day'
            when
                last_day < first_day
                then 'the period ends on ' || period_end || ', before it starts on ' || period_start
            when last_day > {{ local_date(built_at()) }} then 'the period ends in the future, on ' || period_end
            when pulled is null then 'pulled_at "' || coalesce(pulled_at, '') || '" is no moment'
            when pulled > {{ built_at() }} then 'pulled_at ' || pulled_at || ' is in the future'
            when {{ local_date('pulled') }} < first_day
                then 'it was pulled on ' || pulled_at || ', before the period starts on ' || period_start
            when number_read is null then 'value "' || coalesce(value, '') || '" is no number'
            when coalesce(report, '') = '' then 'report is empty'
            when equal_rows > 1 then 'it stands here ' || cast(equal_rows as {{ dbt.type_string() }}) || ' times'
        end as fault,
        case
            when applies_to is null then 'write one of: {{ kpis().keys() | join(", ") }}'
            when level is null and combined_into is not null
                then 'write the value of all its units together, for "' || combined_into || '"'
            when level is null
                then 'write a reporting unit, a region (code or name) of seeds/business_units.csv, or Company'
            when applies_to not in (unit_kind, 'any') and unit_kind != 'unmapped'
                then 'write the value for a unit of the kind ' || applies_to || ', a region or Company'
            when first_day is null or last_day is null then 'write a day such as 2025-10-20 or 10/20/2025'
            when last_day < first_day or last_day > {{ local_date(built_at()) }} then 'correct the period'
            when pulled is null then 'write day and time of the business, such as 2025-10-27 08:15'
            when pulled > {{ built_at() }} or {{ local_date('pulled') }} < first_day
                then 'write when the report was pulled'
            when number_read is null then 'write the number as the report shows it, such as $489,199.28 or 37.62%'
            when coalesce(report, '') = '' then 'write the name of the report'
            when equal_rows > 1 then 'keep one row'
        end as fix

    from counted

)

select * from final
