{% macro last_landed(raw_table) -%}
    select max(ended_at) as last_landed_at
    from {{ raw_table.incorporate(path={'identifier': 'sync_runs'}) }}
    where
        entity = '{{ raw_table.identifier | replace('raw_', '') }}'
        and state = 'landed'
{%- endmacro %}
