{% macro kpis() %}
    {%- do return({
        'lead_count': {'applies_to': 'sales', 'adds_up': 'distinct'},
        'total_booked': {'applies_to': 'sales', 'adds_up': 'sum'},
        'dollars_produced': {'applies_to': 'production', 'adds_up': 'sum'},
        'gpm_percent': {'applies_to': 'production', 'adds_up': 'ratio'},
        'dollars_collected': {'applies_to': 'any', 'adds_up': 'sum'},
        'num_estimates': {'applies_to': 'sales', 'adds_up': 'count'},
        'close_rate_percent': {'applies_to': 'sales', 'adds_up': 'ratio'},
        'future_bookings': {'applies_to': 'production', 'adds_up': 'balance'},
        'warranty_percent': {'applies_to': 'production', 'adds_up': 'ratio'},
        'outstanding_ar': {'applies_to': 'any', 'adds_up': 'balance'},
    }) -%}
{% endmacro %}

{% macro kpis_that(adds_up) %}
    {%- set names = [] -%}
    {%- for kpi, rule in kpis().items() if rule.adds_up == adds_up -%}{%- do names.append(kpi) -%}{%- endfor -%}
    {%- do return(names) -%}
{% endmacro %}

{% macro adds_up_as(adds_up, kpi='kpi') -%}
    {{ kpi }} in ('{{ kpis_that(adds_up) | join("', '") }}')
{%- endmacro %}

{% macro added_up(kpi='kpi', numerator='numerator', counted_key='counted_key') -%}
    case
        when {{ adds_up_as('distinct', kpi) }}
            then cast(count(distinct {{ counted_key }}) as {{ type_money() }})
        else {{ money('sum(' ~ numerator ~ ')') }}
    end
{%- endmacro %}

{% macro kpi_value(kpi, numerator, denominator) -%}
    case
        when {{ adds_up_as('ratio', kpi) }}
            then cast({{ percent(numerator, denominator) }} as {{ type_money() }})
        else {{ numerator }}
    end
{%- endmacro %}
