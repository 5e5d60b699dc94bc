// Asks Google's GoogleSQL analyzer about one statement after the other.
//
//     node analyze.js REQUEST ANSWER
//
// REQUEST, JSON:
//   aliases     {name: type}, types that have another name beside their own
//   tables      [{path: [project, dataset, table], columns: [{name, type}]}], known from the start
//   statements  [{name, sql, parameters, creates, adds}], in the order in which they run;
//               `parameters` are [{name, type}]; `creates` is the path under which the columns of
//               an accepted statement are known to the next ones, or null; `adds` are columns that
//               the table has beside them
// ANSWER, JSON: per statement {name, columns} where it was accepted (none where it gives no rows),
// {name, error} where not.
// A type is its name in BigQuery; an array or a struct is carried on as the analyzer describes it.

const fs = require('fs');
const net = require('net');
const {
  LanguageOptions, TypeKind, ZetaSQLClient, runServer, terminateServer,
} = require('@fivetrandevelopers/zetasql');

const KINDS = {
  INT64: 'TYPE_INT64', STRING: 'TYPE_STRING', BOOL: 'TYPE_BOOL', NUMERIC: 'TYPE_NUMERIC',
  FLOAT64: 'TYPE_DOUBLE', TIMESTAMP: 'TYPE_TIMESTAMP', DATE: 'TYPE_DATE', JSON: 'TYPE_JSON',
};
const TYPES = Object.fromEntries(
  Object.entries(KINDS).map(([type, kind]) => [TypeKind[kind], type]),
);
const INNER = 0; // of the join types
const STATEMENTS = [
  'RESOLVED_QUERY_STMT', 'RESOLVED_CREATE_TABLE_AS_SELECT_STMT', 'RESOLVED_CREATE_VIEW_STMT',
  'RESOLVED_MERGE_STMT', 'RESOLVED_INSERT_STMT', 'RESOLVED_DELETE_STMT',
  'RESOLVED_ALTER_TABLE_STMT', 'RESOLVED_BEGIN_STMT', 'RESOLVED_COMMIT_STMT',
];

function freePort() {
  return new Promise((resolve, reject) => {
    const listener = net.createServer().on('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

async function languageOptions() {
  const language = (await new LanguageOptions().enableMaximumLanguageFeatures()).serialize();
  return { ...language, productMode: 'PRODUCT_EXTERNAL', supportedStatementKinds: STATEMENTS };
}

// {name, type} of ours -> a column of the analyzer's.
function column({ name, type }) {
  if (typeof type === 'object') return { name, type };
  if (!(type in KINDS)) throw new Error(`column ${name}: no type ${type}`);
  return { name, type: { typeKind: KINDS[type] } };
}

// A column of the analyzer's -> {name, type} of ours.
function readable({ name, column: { type } }) {
  return { name, type: TYPES[type.typeKind] ?? type };
}

class Catalog {
  constructor(tables, aliases) {
    this.aliases = Object.entries(aliases).map(([name, type]) => column({ name, type }));
    this.projects = {};
    this.whole = {}; // `project.dataset.table` in one pair of quotes is the same table to BigQuery
    for (const { path, columns } of tables) this.set(path, columns);
  }

  set([project, dataset, table], columns) {
    const datasets = (this.projects[project] ??= {});
    const known = columns.map(column);
    (datasets[dataset] ??= {})[table] = known;
    this.whole[`${project}.${dataset}.${table}`] = known;
  }

  serialize(language) {
    const named = (objects, inside) => Object.entries(objects).map(
      ([name, object]) => ({ name, ...inside(object) }),
    );
    return {
      builtinFunctionOptions: { languageOptions: language },
      namedType: this.aliases,
      table: named(this.whole, columns => ({ column: columns })),
      catalog: named(this.projects, datasets => ({
        catalog: named(datasets, tables => ({
          table: named(tables, columns => ({ column: columns })),
        })),
      })),
    };
  }
}

// The output columns of a resolved statement, of whichever kind it is.
function outputColumns(resolved) {
  if (!resolved) return [];
  if (Array.isArray(resolved.outputColumnList)) return resolved.outputColumnList;
  return outputColumns(resolved[resolved.node] ?? resolved.parent);
}

// Every value under `key` in a tree.
function* inside(tree, key) {
  if (tree === null || typeof tree !== 'object') return;
  if (tree[key]) yield tree[key];
  for (const branch of Object.values(tree)) yield* inside(branch, key);
}

const columnIds = tree => [...inside(tree, 'columnId')].map(({ low }) => low);

// {name, operands} of a function call; null where an expression is none.
function call(expression) {
  const node = expression?.resolvedFunctionCallBaseNode?.resolvedFunctionCallNode?.parent;
  return node ? { name: node.function.name, operands: node.argumentList } : null;
}

function conditions(expression) {
  const conjunction = call(expression);
  return conjunction?.name === 'ZetaSQL:$and'
    ? conjunction.operands.flatMap(conditions)
    : [conjunction];
}

// BigQuery's planner, which takes over from the analyzer, refuses an outer join without an equality
// of one side with the other: each row would have to be compared with each.
function outerJoinFault(resolved) {
  for (const join of inside(resolved, 'resolvedJoinScanNode')) {
    const { joinType, joinExpr, leftScan, rightScan } = join;
    if (joinType === INNER) continue;
    const sides = [leftScan, rightScan].map(scan => new Set(columnIds(scan)));
    const isOf = (expression, side) => {
      const ids = columnIds(expression);
      return ids.length > 0 && ids.every(id => side.has(id));
    };
    const isEquality = condition => {
      if (condition?.name !== 'ZetaSQL:$equal') return false;
      const [left, right] = condition.operands;
      return [sides, [...sides].reverse()].some(([a, b]) => isOf(left, a) && isOf(right, b));
    };
    if (!conditions(joinExpr).some(isEquality)) {
      return 'An outer join needs a condition that is an equality of fields from both sides';
    }
  }
  return null;
}

async function analyze(catalog, { sql, parameters }, language) {
  try {
    const { resolvedStatement } = await ZetaSQLClient.getInstance().analyze({
      simpleCatalog: catalog.serialize(language),
      sqlStatement: sql,
      options: {
        languageOptions: language,
        errorMessageMode: 'ERROR_MESSAGE_MULTI_LINE_WITH_CARET',
        queryParameters: parameters.map(column),
      },
    });
    const error = outerJoinFault(resolvedStatement);
    return error ? { error } : { columns: outputColumns(resolvedStatement).map(readable) };
  } catch (error) {
    if (error.code !== 3) throw error; // INVALID_ARGUMENT: the statement is wrong
    return { error: error.details };
  }
}

async function main([request, answer]) {
  const { aliases, tables, statements } = JSON.parse(fs.readFileSync(request, 'utf-8'));
  const port = await freePort();
  runServer(port);
  ZetaSQLClient.init(port);
  if (!(await ZetaSQLClient.getInstance().testConnection())) throw new Error('no analyzer answers');
  const language = await languageOptions();
  const catalog = new Catalog(tables, aliases);
  const results = [];
  for (const statement of statements) {
    const result = await analyze(catalog, statement, language);
    results.push({ name: statement.name, ...result });
    if (statement.creates && result.columns) {
      catalog.set(statement.creates, [...result.columns, ...statement.adds]);
    }
  }
  fs.writeFileSync(answer, JSON.stringify(results));
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
process.on('exit', terminateServer);
main(process.argv.slice(2)).then(
  () => process.exit(0),
  error => {
    console.error(error);
    process.exit(1);
  },
);
