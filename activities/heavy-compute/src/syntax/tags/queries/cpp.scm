; What C++ adds; the patterns of C come before.
(class_specifier name: (_) @name body: (_)) @definition.class
(namespace_definition name: (_) @name) @definition.namespace
(namespace_definition !name) @scope.hidden
(alias_declaration name: (_) @name) @definition.type
(concept_definition name: (_) @name) @definition.type
(lambda_expression) @scope.closure
(access_specifier) @access

(template_declaration) @wrapper
(friend_declaration) @scope.friend

(call_expression function: (field_expression) @callee) @reference.send
(call_expression function: (qualified_identifier) @callee) @reference.path
(call_expression function: (template_function name: (identifier) @name)) @reference.call

(for_range_loop) @branch
(catch_clause) @branch
