{# Holding reports against our records. #}

{#- Which KPIs the rows of each layout of a report make (reports/layouts.yml says what the rows hold). -#}
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

{#- The KPIs of the layouts as rows: layout, kpi and the kind of unit that the KPI applies to. -#}
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

{#- How a report names a job: by its number. -#}
{% macro job_key(jobs) -%}
    coalesce({{ jobs }}.job_number, 'job id ' || cast({{ jobs }}.job_id as {{ dbt.type_string() }}))
{%- endmacro %}

{#- Our value for each reported one (a relation with reported_value_id, kpi, level, member, period_start, period_end): exactly
    its period and its place, from `records` in the shape of int_kpi_records. Flows of a period are counted anew; a
    balance is that of the period's last day. `same_state` may tie a record to the value that it is for. -#}
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

{#- Whether a record (first_day, last_day) makes the number of a period of the same KPI: a flow that happened in it, or a part of
    the balance of its last day. The period's own columns say which, so that DuckDB can hash such a join. -#}
{% macro is_in_period(records, periods) -%}
    {{ records }}.first_day <= {{ periods }}.period_end
    and {{ records }}.last_day >= case
        when {{ adds_up_as('balance', periods ~ '.kpi') }} then {{ periods }}.period_end
        else {{ periods }}.period_start
    end
{%- endmacro %}
