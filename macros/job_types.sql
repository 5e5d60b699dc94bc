{% macro no_list_row() -%}'(no row)'{%- endmacro %}
