{# When a KPI has moved more than usual for its weekday and unit: every number of the rule. docs/alerts.md says what they come to. #}

{% macro unusual_rule() %}
    {%- do return({
        'weeks': 26,
        'fewest_weeks': 13,
        'spans': {
            'day': {'days': 1, 'times': 7.5},
            'week': {'days': 7, 'times': 5},
        },
        'floors': {
            'lead_count': 3,
            'total_booked': 5000,
            'dollars_produced': 5000,
            'gpm_percent': 10,
            'dollars_collected': 5000,
            'num_estimates': 3,
            'close_rate_percent': 15,
            'future_bookings': 20000,
            'warranty_percent': 5,
            'outstanding_ar': 20000,
        },
        'ripe_after': {
            'gpm_percent': 14,
            'warranty_percent': 14,
        },
        'least_denominators': {
            'gpm_percent': 10000,
            'close_rate_percent': 10,
            'warranty_percent': 10000,
        },
    }) -%}
{% endmacro %}

{% macro by_kpi(numbers, kpi='kpi') -%}
    case {{ kpi }}
        {%- for name, number in numbers.items() %}
        when '{{ name }}' then {{ number }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro evened(amount, kpi='kpi') -%}
    case
        when {{ adds_up_as('ratio', kpi) }} or {{ adds_up_as('balance', kpi) }} then {{ amount }}
        else sign({{ amount }}) * sqrt(abs({{ amount }}))
    end
{%- endmacro %}

{% macro unevened(root, kpi='kpi') -%}
    case
        when {{ adds_up_as('ratio', kpi) }} or {{ adds_up_as('balance', kpi) }} then {{ root }}
        else ({{ root }}) * abs({{ root }})
    end
{%- endmacro %}

{% macro median_of(number, place, how_many) -%}
    avg(case when 2 * {{ place }} between {{ how_many }} and {{ how_many }} + 2 then {{ number }} end)
{%- endmacro %}
