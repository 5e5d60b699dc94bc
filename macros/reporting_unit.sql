{#- The reporting unit of a record whose unit id was joined to dim_business_units: a unit id that is null or not landed
    stands under one unit of its own, so that its money is seen. -#}
{% macro reporting_unit(units) -%}
    coalesce({{ units }}.reporting_unit, {{ no_business_unit() }})
{%- endmacro %}

{% macro no_business_unit() -%}'(no business unit)'{%- endmacro %}
{% macro no_region() -%}'(no region)'{%- endmacro %}
