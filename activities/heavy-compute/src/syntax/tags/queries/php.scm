(namespace_definition name: (_) @name) @definition.namespace
(class_declaration name: (_) @name) @definition.class
(interface_declaration name: (_) @name) @definition.interface
(trait_declaration name: (_) @name) @definition.trait
(enum_declaration name: (_) @name) @definition.enum
(function_definition
  name: (_) @name
  parameters: (_) @parameters
  return_type: (_)? @return_type) @definition.function
(method_declaration
  name: (_) @name
  parameters: (_) @parameters
  return_type: (_)? @return_type) @definition.method
(const_declaration (const_element . (name) @name)) @definition.variable

; Members.
(property_declaration (property_element name: (variable_name (name) @name))) @definition.property
(property_promotion_parameter name: (variable_name (name) @name)) @definition.property
(enum_case name: (_) @name) @definition.constant

(anonymous_class) @scope.anonymous
(anonymous_function) @scope.closure
(arrow_function) @scope.closure

(comment) @comment

(function_call_expression function: (name) @name) @reference.call
(function_call_expression function: (qualified_name (name) @name)) @reference.call
(member_call_expression) @callee @reference.send
(nullsafe_member_call_expression) @callee @reference.send
(scoped_call_expression) @callee @reference.path

(if_statement) @branch
(else_if_clause) @branch
(for_statement) @branch
(foreach_statement) @branch
(while_statement) @branch
(do_statement) @branch
(case_statement) @branch
(match_conditional_expression) @branch
(catch_clause) @branch
(conditional_expression) @branch
(binary_expression) @branch.operator
