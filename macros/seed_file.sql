{#- The file of a seed as an SQL text, for messages to the analyst who edits it. -#}
{% macro seed_file(relation) -%}'seeds/{{ relation.identifier }}.csv'{%- endmacro %}
