{#- The ten KPIs in the order of daily_kpis: which kind of unit each applies to (unmapped units take every KPI) and how it
    adds up over days and units:
      distinct  things counted once per period and level (counted_key)
      count     records
      sum       dollars
      ratio     100 * sum of numerators / sum of denominators
      balance   dollars true on a day: the period's last day stands for the period -#}
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

{#- The names of the KPIs that add up in one way. -#}
{% macro kpis_that(adds_up) %}
    {%- set names = [] -%}
    {%- for kpi, rule in kpis().items() if rule.adds_up == adds_up -%}{%- do names.append(kpi) -%}{%- endfor -%}
    {%- do return(names) -%}
{% endmacro %}
