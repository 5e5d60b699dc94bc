{# Holding reports against our records. #}

{% macro report_layouts() %}
    {%- do return({
        'leads': ['lead_count'],
        'sales': ['total_booked', 'close_rate_percent', 'num_estimates'],
        'job_cost': ['dollars_produced', 'gpm_percent', 'warranty_percent'],
        'bookings': ['future_bookings'],
        'collections': ['dollars_collected'],
        'receivables': ['outstanding_ar'],
    }) -%}
{% endmacro %}

{% macro kpis_of_layouts() -%}
    {%- set rows = [] -%}
    {%- for layout, names in report_layouts().items() -%}
        {%- for kpi in names -%}
            {%- do rows.append(
                "select '" ~ layout ~ "' as layout, '" ~ kpi ~ "' as kpi, '" ~ kpis()[kpi].applies_to ~ "' as applies_to"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ rows | join('\n    union all\n    ') }}
{%- endmacro %}

{% macro job_key(jobs) -%}
    coalesce({{ jobs }}.job_number, 'job id ' || cast({{ jobs }}.job_id as {{ dbt.type_string() }}))
{%- endmacro %}

{% macro our_values(reported, records, same_state='true') -%}
select
    reported.reported_value_id,
    {{ added_up('reported.kpi', 'records.numerator', 'records.counted_key') }} as numerator,
    {{ money('sum(records.denominator)') }} as denominator
from {{ reported }} as reported
left join (
    -- BigQuery's outer joins need an equality of both sides
    select 'company' as level, 'Company' as member, reporting_unit from {{ ref('dim_reporting_units') }}
    union all
    select 'region' as level, region as member, reporting_unit from {{ ref('dim_reporting_units') }}
    union all
    select 'business_unit' as level, reporting_unit as member, reporting_unit from {{ ref('dim_reporting_units') }}
) as units_of
    on
        reported.level = units_of.level
        and reported.member = units_of.member
left join {{ records }} as records
    on
        reported.kpi = records.kpi
        and units_of.reporting_unit = records.business_unit
        and {{ is_in_period('records', 'reported') }}
        and {{ same_state }}
group by reported.reported_value_id, reported.kpi
{%- endmacro %}

{% macro is_in_period(records, periods) -%}
    {{ records }}.first_day <= {{ periods }}.period_end
    and {{ records }}.last_day >= case
        when {{ adds_up_as('balance', periods ~ '.kpi') }} then {{ periods }}.period_end
        else {{ periods }}.period_start
    end
{%- endmacro %}
