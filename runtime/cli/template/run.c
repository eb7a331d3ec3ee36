/*
 * run: carries a template out. A value that is missing is NULL, "no value"; null is a value.
 */
#include "runtime/cli/template/template.h"

#include "runtime/cli/template/function.h"
#include "runtime/cli/template/tree.h"
#include "sandbox/base/cleanup.h"

#include <stdarg.h>
#include <string.h>

enum { EFFORT = 64 << 20, EFFORT_OF_A_STEP = 16 };

/* How a list of nodes ended, beside -1. */
enum flow { FLOW_ON = 0, FLOW_BREAK, FLOW_CONTINUE };

int run_fail(struct run *run, const char *format, ...)
{
	char text[500];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return template_error(run->err, run->template->source, run->at, "%s", text);
}

int run_spend(struct run *run, size_t amount)
{
	if (amount >= run->effort)
		return run_fail(run, "the template makes too much (more than 64 MiB)");
	run->effort -= amount;
	return 0;
}

int run_string(struct run *run, const struct value **ret, const struct text *text)
{
	if (run_spend(run, text->length + EFFORT_OF_A_STEP) < 0)
		return -1;
	*ret = value_new_string(run->arena, text_string(text));
	return 0;
}

/* ---- values ---- */

/* Go's names and those of JSON differ in the case of abbreviations (ID and Id, HostIP and HostIp);
 * Docker takes both, as it tries the one after the other. */
static const struct value *other_case(const struct value *object, const char *name)
{
	for (size_t i = 0; i < object->count; i++)
		if (object->items[i]->key[0] == name[0] &&
		    strcasecmp(object->items[i]->key, name) == 0)
			return object->items[i];
	return NULL;
}

static const char *nearest(const struct value *object, const char *name)
{
	const char *best = NULL;
	unsigned least = 3;

	for (size_t i = 0; i < object->count; i++) {
		unsigned distance = text_distance(name, object->items[i]->key);

		if (distance < least) {
			least = distance;
			best = object->items[i]->key;
		}
	}
	return best;
}

static int get_field(struct run *run, const struct value **value, const char *name)
{
	const struct value *object = *value, *found = value_get(object, name);

	/* the field of a key that a map does not have is none either */
	if (object == NULL || (found == NULL && value_is_map(object))) {
		*value = NULL;
		return 0;
	}
	if (object->kind != VALUE_OBJECT)
		return run_fail(run, "there is no field .%.60s in %s", name, kind_of(object));
	if (found == NULL)
		found = other_case(object, name);
	*value = found;
	if (found != NULL)
		return 0;
	run_fail(run, "there is no field .%.60s", name);
	if (nearest(object, name) != NULL)
		return error_hint(run->err, "did you mean .%s?", nearest(object, name));
	return error_hint(run->err, "see all fields with --format '{{json .}}'");
}

static int run_pipeline(struct run *run, const struct value **ret, const struct pipeline *pipeline,
                        const struct value *dot);
static int run_function(struct run *run, const struct value **ret, const struct function *function,
                        const struct arguments *arguments);

static int get_operand(struct run *run, const struct value **ret, const struct operand *word,
                       const struct value *dot)
{
	const struct value *value = word->constant;
	struct arguments none = {};

	run->at = word->at;
	if (word->kind == OPERAND_DOT)
		value = dot;
	else if (word->kind == OPERAND_VARIABLE)
		value = run->slots[word->slot];
	else if (word->kind == OPERAND_FUNCTION && run_function(run, &value, word->function, &none))
		return -1;
	else if (word->kind == OPERAND_PIPELINE &&
	         run_pipeline(run, &value, word->pipeline, dot) < 0)
		return -1;
	run->at = word->at;
	for (size_t i = 0; i < word->fields.count; i++)
		if (get_field(run, &value, word->fields.items[i]) < 0)
			return -1;
	*ret = value;
	return run_spend(run, EFFORT_OF_A_STEP);
}

static int run_function(struct run *run, const struct value **ret, const struct function *function,
                        const struct arguments *arguments)
{
	if (run->titles && function->changes_look) {
		*ret = arguments->items[0];
		return 0;
	}
	return function->call(run, ret, arguments);
}

/* `and` gives the first argument that is false, `or` the first that is true, else the last; what
 * stands behind it is not looked at. */
static int run_and_or(struct run *run, const struct value **ret, const struct stage *stage,
                      const struct value *dot, const struct value *const *piped)
{
	bool stop = strcmp(stage->words->function->name, "or") == 0;

	for (const struct operand *word = stage->words->next; word != NULL; word = word->next) {
		if (get_operand(run, ret, word, dot) < 0)
			return -1;
		if (value_is_true(*ret) == stop)
			return 0;
	}
	if (piped != NULL)
		*ret = *piped;
	return 0;
}

/* `piped` is the value of the stage before, NULL in the first. */
static int run_stage(struct run *run, const struct value **ret, const struct stage *stage,
                     const struct value *dot, const struct value *const *piped)
{
	const struct operand *word = stage->words;
	const struct value **items;
	struct arguments arguments = {};
	const struct value *label;

	if (word->kind == OPERAND_FUNCTION && word->function->call == NULL)
		return run_and_or(run, ret, stage, dot, piped);
	if (run_spend(run, (stage->count + 1) * sizeof *items) < 0)
		return -1;
	items = arena_array(run->arena, stage->count + 1, sizeof *items);
	for (const struct operand *next = word->next; next != NULL; next = next->next)
		if (get_operand(run, &items[arguments.count++], next, dot) < 0)
			return -1;
	if (piped != NULL)
		items[arguments.count++] = *piped;
	arguments.items = items;
	run->at = word->at;
	if (word->kind == OPERAND_FUNCTION)
		return run_function(run, ret, word->function, &arguments);
	if (arguments.count > 0 && run->titles) {
		*ret = items[0];
		return 0;
	}
	if (get_operand(run, ret, word, dot) < 0)
		return -1;
	if (arguments.count == 0)
		return 0;
	/* .Label "key" */
	label = value_get(*ret, value_string(items[0], ""));
	*ret = label != NULL ? label : value_new_string(run->arena, "");
	return 0;
}

static int run_pipeline(struct run *run, const struct value **ret, const struct pipeline *pipeline,
                        const struct value *dot)
{
	const struct value *value = NULL, *piped;

	for (const struct stage *stage = pipeline->stages; stage != NULL; stage = stage->next) {
		piped = value;
		if (run_stage(run, &value, stage, dot, stage == pipeline->stages ? NULL : &piped) <
		    0)
			return -1;
	}
	if (pipeline->declared == 1)
		run->slots[pipeline->slots[0]] = value;
	*ret = value;
	return 0;
}

/* ---- nodes ---- */

static int run_nodes(struct run *run, const struct node *node, const struct value *dot);

/* One round; in a range `declared` variables are set to where it is and what is there. */
static int run_round(struct run *run, const struct node *node, const struct value *key,
                     const struct value *item)
{
	const struct pipeline *pipeline = node->pipeline;

	if (pipeline->declared > 0)
		run->slots[pipeline->slots[pipeline->declared - 1]] = item;
	if (pipeline->declared == 2)
		run->slots[pipeline->slots[0]] = key;
	if (run_spend(run, sizeof *key) < 0)
		return -1;
	return run_nodes(run, node->body, item);
}

static int run_range(struct run *run, const struct node *node, const struct value *list,
                     const struct value *dot)
{
	bool object = list != NULL && list->kind == VALUE_OBJECT;
	const struct value *const *items;

	if (list != NULL && list->kind != VALUE_NULL && list->kind != VALUE_ARRAY && !object) {
		run->at = node->pipeline->at;
		return run_fail(run, "range cannot go over %s", kind_of(list));
	}
	if (!value_is_true(list))
		return run_nodes(run, node->otherwise, dot);
	if (run_spend(run, list->count * sizeof *items) < 0)
		return -1;
	items = object ? sorted_members(run->arena, list)
	               : (const struct value *const *)list->items;
	for (size_t i = 0; i < list->count; i++) {
		const struct value *key = object ? value_new_string(run->arena, items[i]->key)
		                                 : value_new_integer(run->arena, (int64_t)i);
		int flow = run_round(run, node, key, items[i]);

		if (flow < 0 || flow == FLOW_BREAK)
			return flow < 0 ? -1 : 0;
	}
	return 0;
}

static int print_pipeline(struct run *run, const struct node *node, const struct value *dot)
{
	size_t before = run->out->length;
	const struct value *value;

	if (run_pipeline(run, &value, node->pipeline, dot) < 0)
		return -1;
	print_value(run->out, value);
	return run_spend(run, run->out->length - before);
}

static int run_branches(struct run *run, const struct node *node, const struct value *dot)
{
	const struct value *value;

	if (run_pipeline(run, &value, node->pipeline, dot) < 0)
		return -1;
	if (node->kind == NODE_RANGE)
		return run_range(run, node, value, dot);
	if (!value_is_true(value))
		return run_nodes(run, node->otherwise, dot);
	return run_nodes(run, node->body, node->kind == NODE_WITH ? value : dot);
}

static int run_node(struct run *run, const struct node *node, const struct value *dot)
{
	const struct value *value;

	switch (node->kind) {
	case NODE_TEXT:
		text_append(run->out, node->text);
		return run_spend(run, strlen(node->text));
	case NODE_PRINT:
		return print_pipeline(run, node, dot);
	case NODE_SET:
		return run_pipeline(run, &value, node->pipeline, dot);
	case NODE_BREAK:
		return FLOW_BREAK;
	case NODE_CONTINUE:
		return FLOW_CONTINUE;
	default:
		return run_branches(run, node, dot);
	}
}

static int run_nodes(struct run *run, const struct node *node, const struct value *dot)
{
	int flow = FLOW_ON;

	for (; node != NULL && flow == FLOW_ON; node = node->next)
		flow = run_node(run, node, dot);
	return flow;
}

static int run_template(struct text *ret, const struct template *template, const struct value *dot,
                        bool titles, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct run run = {
		.arena = &arena,
		.template = template,
		.slots = arena_array(&arena, template->slot_count, sizeof *run.slots),
		.out = ret,
		.err = err,
		.effort = EFFORT,
		.titles = titles,
	};

	run.slots[0] = dot;
	return run_nodes(&run, template->nodes, dot) < 0 ? -1 : 0;
}

int template_run(struct text *ret, const struct template *template, const struct value *dot,
                 struct error *err)
{
	return run_template(ret, template, dot, false, err);
}

int template_run_titles(struct text *ret, const struct template *template,
                        const struct value *titles, struct error *err)
{
	return run_template(ret, template, titles, true, err);
}

int template_print(struct text *ret, const char *source, const struct value *dot, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	const struct template *template;

	if (template_parse(&template, &arena, source, err) < 0)
		return -1;
	return template_run(ret, template, dot, err);
}
