{% macro seed_file(relation) -%}'seeds/{{ relation.identifier }}.csv'{%- endmacro %}
