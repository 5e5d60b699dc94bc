{% macro refuse_warehouse(macro_name) -%}
    {%- if execute -%}
        {{ exceptions.raise_compiler_error(
            macro_name ~ " is not written for " ~ target.type ~ "; add " ~ target.type ~ "__" ~ macro_name
            ~ " beside its brothers in macros/warehouse/"
        ) }}
    {%- endif -%}
{%- endmacro %}
