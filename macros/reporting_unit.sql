{% macro reporting_unit(units) -%}
    coalesce({{ units }}.reporting_unit, {{ no_business_unit() }})
{%- endmacro %}

{% macro no_business_unit() -%}'(no business unit)'{%- endmacro %}
{% macro no_region() -%}'(no region)'{%- endmacro %}
