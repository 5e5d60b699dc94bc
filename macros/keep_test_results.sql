{% macro keep_test_results(results) -%}
    {%- set ours = results | selectattr('node.name', 'equalto', 'test_results') | selectattr('status', 'equalto', 'success') | list -%}
    {%- if execute and flags.WHICH == 'build' and ours -%}
        {%- set counts, found = {}, [] -%}
        {%- for result in results if result.node.resource_type == 'test' -%}
            {%- set status = result.status | string -%}
            {%- do counts.update({status: counts.get(status, 0) + 1}) -%}
            {%- if status not in ('pass', 'skipped') -%}
                {%- do found.append(test_result(result.node.name, status, result.failures or 0, 1, result.node.description)) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for status in ('pass', 'skipped') if counts.get(status) -%}
            {%- do found.append(test_result('(all others)', status, 0, counts[status], '')) -%}
        {%- endfor -%}
        {%- if found -%}
    insert into {{ ours[0].node.relation_name }} (test_name, status, finding_count, test_count, description, built_at)
    {{ found | join('\n    union all\n    ') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro test_result(name, status, findings, tests, description) -%}
    {#- In words without quotes, backslashes and breaks of lines, which every warehouse escapes its own way. -#}
    {%- set words = description | replace('\\', '/') | replace("'", '’') | replace('\n', ' ') | trim -%}
    select '{{ name }}', '{{ status }}', {{ findings }}, {{ tests }}, '{{ words }}', {{ built_at() }}
{%- endmacro %}
