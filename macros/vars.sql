{# The vars of the project, read here and nowhere else: a value that cannot be meant is refused by name. #}

{% macro business_timezone() %}
    {%- set zone = var('business_timezone') -%}
    {%- if zone not in modules.pytz.all_timezones_set -%}
        {{ refuse_var('business_timezone', 'a time zone such as America/Phoenix') }}
    {%- endif -%}
    {%- do return(zone) -%}
{% endmacro %}

{% macro as_of_date() %}
    {%- set day = var('as_of_date') -%}
    {%- if day is none -%}
        {%- set day = run_started_at.astimezone(modules.pytz.timezone(business_timezone())).date() -%}
    {%- elif not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', day | string) -%}
        {{ refuse_var('as_of_date', 'a day such as 2025-12-31, or null for today') }}
    {%- endif -%}
    {%- do return("cast('" ~ day ~ "' as date)") -%}
{% endmacro %}

{% macro last_finished_day() %}
    {%- set today = run_started_at.astimezone(modules.pytz.timezone(business_timezone())).date() -%}
    {%- do return("least(" ~ as_of_date() ~ ", cast('" ~ (today - modules.datetime.timedelta(days=1)) ~ "' as date))") -%}
{% endmacro %}

{% macro judged_days() %}
    {%- set days = var('judged_days') -%}
    {%- if days is not none and not modules.re.fullmatch('[1-9][0-9]*', days | string) -%}
        {{ refuse_var('judged_days', 'a number of days, or null for those since the last build') }}
    {%- endif -%}
    {%- do return(none if days is none else days | int) -%}
{% endmacro %}

{% macro ar_threshold() %}
    {%- set dollars = var('ar_threshold') | string -%}
    {%- if not modules.re.fullmatch('-?[0-9]+([.][0-9]+)?', dollars) -%}
        {{ refuse_var('ar_threshold', 'a number of dollars') }}
    {%- endif -%}
    {%- do return(dollars) -%}
{% endmacro %}

{% macro future_bookings_from() %}
    {%- do return(one_of_var('future_bookings_from', ['monday', 'day'])) -%}
{% endmacro %}

{% macro lead_count_by() %}
    {%- do return(one_of_var('lead_count_by', ['customer', 'job'])) -%}
{% endmacro %}

{% macro one_of_var(name, values) %}
    {%- if var(name) not in values -%}{{ refuse_var(name, values | join(' or ')) }}{%- endif -%}
    {%- do return(var(name)) -%}
{% endmacro %}

{% macro refuse_var(name, expected) %}
    {{ exceptions.raise_compiler_error(
        "the var " ~ name ~ " is '" ~ var(name) ~ "': write " ~ expected ~ " (dbt_project.yml, or --vars)"
    ) }}
{% endmacro %}
