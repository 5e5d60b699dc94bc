{% macro print_findings(results, rows=20) %}
    {%- if not execute or flags.WHICH not in ('build', 'test') -%}{%- do return('') -%}{%- endif -%}
    {%- for result in results if result.node.resource_type == 'test' and result.status in ('fail', 'warn') %}
        {%- do print_finding(result, rows) -%}
    {%- endfor %}
{% endmacro %}

{% macro print_finding(result, rows) %}
    {%- set node = result.node -%}
    {%- set title = 'FAILED' if result.status == 'fail' else 'Warning' -%}
    {%- do print('') -%}
    {%- do print(title ~ ' ' ~ node.name ~ ': ' ~ (node.description or result.message)) -%}
    {%- if node.relation_name and result.failures -%}
        {%- set found = run_query('select * from ' ~ node.relation_name ~ ' limit ' ~ rows) -%}
        {%- do found.print_table(max_rows=rows, max_columns=12, max_column_width=300, max_precision=9) -%}
        {%- if result.failures > rows -%}
            {%- do print('… ' ~ (result.failures - rows) ~ ' more in ' ~ node.relation_name) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
