(namespace_declaration name: (_) @name) @definition.namespace
(file_scoped_namespace_declaration name: (_) @name) @definition.namespace
(class_declaration name: (_) @name) @definition.class
(record_declaration "struct"? @struct name: (_) @name) @definition.class
(struct_declaration name: (_) @name) @definition.struct
(interface_declaration name: (_) @name) @definition.interface
(enum_declaration name: (_) @name) @definition.enum
(delegate_declaration name: (_) @name) @definition.type
(method_declaration
  returns: (_) @return_type
  name: (_) @name
  parameters: (_) @parameters) @definition.method
(local_function_statement
  type: (_) @return_type
  name: (_) @name
  parameters: (_) @parameters) @definition.function
(constructor_declaration name: (_) @name parameters: (_) @parameters) @definition.method
((destructor_declaration name: (_) @name parameters: (_) @parameters) @definition.method
  (#set! name "~"))
((operator_declaration
  type: (_) @return_type
  operator: _ @name
  parameters: (_) @parameters) @definition.method
  (#set! name "operator "))
((conversion_operator_declaration type: (_) @name @return_type parameters: (_) @parameters) @definition.method
  (#set! name "operator "))
((indexer_declaration type: (_) @return_type "this" @name parameters: (_) @parameters) @definition.method)

; Members.
(property_declaration name: (_) @name) @definition.property
(event_declaration name: (_) @name) @definition.property
(field_declaration (variable_declaration (variable_declarator name: (_) @name))) @definition.property
(event_field_declaration (variable_declaration (variable_declarator name: (_) @name))) @definition.property
(enum_member_declaration name: (_) @name) @definition.constant

(lambda_expression) @scope.closure
(anonymous_method_expression) @scope.closure

(comment) @comment

(invocation_expression function: (identifier) @name) @reference.call
(invocation_expression function: (generic_name . (identifier) @name)) @reference.call
(invocation_expression function: (member_access_expression) @callee) @reference.send
(object_creation_expression type: (identifier) @name) @reference.call

(if_statement) @branch
(for_statement) @branch
(foreach_statement) @branch
(while_statement) @branch
(do_statement) @branch
(switch_section "case") @branch
(switch_expression_arm . (_) @_pattern (#not-eq? @_pattern "_")) @branch
(catch_clause) @branch
(conditional_expression) @branch
(binary_expression) @branch.operator
