{# The column types whose names or widths differ between the warehouses. #}

{# Money and quantities: 38 digits, 9 of them decimals; never float. #}
{% macro type_money() -%}{{ adapter.dispatch('type_money')() }}{%- endmacro %}
{% macro default__type_money() -%}{{ refuse_warehouse('type_money') }}{%- endmacro %}
{% macro duckdb__type_money() -%}decimal(38, 9){%- endmacro %}
{% macro bigquery__type_money() -%}numeric{%- endmacro %}

{# An instant with its offset. DuckDB's plain `timestamp` would drop it and turn the zone conversion around. #}
{% macro type_instant() -%}{{ adapter.dispatch('type_instant')() }}{%- endmacro %}
{% macro default__type_instant() -%}{{ refuse_warehouse('type_instant') }}{%- endmacro %}
{% macro duckdb__type_instant() -%}timestamptz{%- endmacro %}
{% macro bigquery__type_instant() -%}timestamp{%- endmacro %}

{# A 64-bit float, for ratios only. DuckDB's `float` has 32 bits. #}
{% macro type_ratio() -%}{{ adapter.dispatch('type_ratio')() }}{%- endmacro %}
{% macro default__type_ratio() -%}{{ refuse_warehouse('type_ratio') }}{%- endmacro %}
{% macro duckdb__type_ratio() -%}double{%- endmacro %}
{% macro bigquery__type_ratio() -%}float64{%- endmacro %}

{# Text as money; null where it is none. #}
{% macro try_money(text) -%}{{ adapter.dispatch('try_money')(text) }}{%- endmacro %}
{% macro default__try_money(text) -%}{{ refuse_warehouse('try_money') }}{%- endmacro %}
{% macro duckdb__try_money(text) -%}try_cast({{ text }} as decimal(38, 9)){%- endmacro %}
{% macro bigquery__try_money(text) -%}safe_cast({{ text }} as numeric){%- endmacro %}
