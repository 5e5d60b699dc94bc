{# The column types whose names or widths differ between the warehouses. #}

{% macro type_money() -%}{{ adapter.dispatch('type_money')() }}{%- endmacro %}
{% macro default__type_money() -%}{{ refuse_warehouse('type_money') }}{%- endmacro %}
{% macro duckdb__type_money() -%}decimal(38, 9){%- endmacro %}
{% macro bigquery__type_money() -%}numeric{%- endmacro %}

{% macro type_instant() -%}{{ adapter.dispatch('type_instant')() }}{%- endmacro %}
{% macro default__type_instant() -%}{{ refuse_warehouse('type_instant') }}{%- endmacro %}
{% macro duckdb__type_instant() -%}timestamptz{%- endmacro %}
{% macro bigquery__type_instant() -%}timestamp{%- endmacro %}

{% macro type_ratio() -%}{{ adapter.dispatch('type_ratio')() }}{%- endmacro %}
{% macro default__type_ratio() -%}{{ refuse_warehouse('type_ratio') }}{%- endmacro %}
{% macro duckdb__type_ratio() -%}double{%- endmacro %}
{% macro bigquery__type_ratio() -%}float64{%- endmacro %}

{% macro try_money(text) -%}{{ adapter.dispatch('try_money')(text) }}{%- endmacro %}
{% macro default__try_money(text) -%}{{ refuse_warehouse('try_money') }}{%- endmacro %}
{% macro duckdb__try_money(text) -%}try_cast({{ text }} as decimal(38, 9)){%- endmacro %}
{% macro bigquery__try_money(text) -%}safe_cast({{ text }} as numeric){%- endmacro %}

{% macro try_date(text) -%}
    case when {{ matches(text, '^([0-9]{4}-|[0-9]+/[0-9]+/[0-9]{4}$)') }} then {{ adapter.dispatch('try_date')(text) }} end
{%- endmacro %}
{% macro default__try_date(text) -%}{{ refuse_warehouse('try_date') }}{%- endmacro %}
{% macro duckdb__try_date(text) -%}
    cast(try_strptime({{ text }}, ['%Y-%m-%d', '%m/%d/%Y']) as date)
{%- endmacro %}
{% macro bigquery__try_date(text) -%}
    coalesce(safe.parse_date('%Y-%m-%d', {{ text }}), safe.parse_date('%m/%d/%Y', {{ text }}))
{%- endmacro %}

{% macro try_instant(text) -%}
    case when {{ matches(text, '^([0-9]{4}-|[0-9]+/[0-9]+/[0-9]{4} )') }} then {{ adapter.dispatch('try_instant')(text) }} end
{%- endmacro %}
{% macro default__try_instant(text) -%}{{ refuse_warehouse('try_instant') }}{%- endmacro %}
{% macro duckdb__try_instant(text) -%}
    timezone('{{ business_timezone() }}', try_strptime({{ text }}, ['{{ written_instants() | join("', '") }}']))
{%- endmacro %}
{% macro bigquery__try_instant(text) -%}
    timestamp(coalesce(
        {%- for form in written_instants() %}
        safe.parse_datetime('{{ form }}', {{ text }}){{ ',' if not loop.last }}
        {%- endfor %}
    ), '{{ business_timezone() }}')
{%- endmacro %}
{% macro written_instants() -%}
    {%- set forms = [] -%}
    {%- for day in ('%Y-%m-%d', '%m/%d/%Y') -%}
        {%- for time in ('%H:%M', '%H:%M:%S', '%I:%M %p', '%I:%M:%S %p') -%}
            {%- do forms.append(day ~ ' ' ~ time) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(forms) -%}
{%- endmacro %}

{% macro written_instant(instant) -%}{{ adapter.dispatch('written_instant')(instant) }}{%- endmacro %}
{% macro default__written_instant(instant) -%}{{ refuse_warehouse('written_instant') }}{%- endmacro %}
{% macro duckdb__written_instant(instant) -%}
    strftime(timezone('{{ business_timezone() }}', {{ instant }}), '%Y-%m-%d %H:%M:%S')
{%- endmacro %}
{% macro bigquery__written_instant(instant) -%}
    format_timestamp('%Y-%m-%d %H:%M:%S', {{ instant }}, '{{ business_timezone() }}')
{%- endmacro %}

{% macro written_money(amount) -%}{{ adapter.dispatch('written_money')(amount) }}{%- endmacro %}
{% macro default__written_money(amount) -%}{{ refuse_warehouse('written_money') }}{%- endmacro %}
{% macro duckdb__written_money(amount) -%}cast(cast({{ amount }} as decimal(38, 2)) as varchar){%- endmacro %}
{% macro bigquery__written_money(amount) -%}format('%.2f', {{ amount }}){%- endmacro %}
