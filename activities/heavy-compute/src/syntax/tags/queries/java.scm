(class_declaration name: (_) @name) @definition.class
(record_declaration name: (_) @name) @definition.class
(interface_declaration name: (_) @name) @definition.interface
(annotation_type_declaration name: (_) @name) @definition.interface
(enum_declaration name: (_) @name) @definition.enum
(method_declaration
  type: (_) @return_type
  name: (_) @name
  parameters: (formal_parameters) @parameters) @definition.method
(constructor_declaration
  name: (_) @name
  parameters: (formal_parameters) @parameters) @definition.method
(compact_constructor_declaration name: (_) @name) @definition.method
(annotation_type_element_declaration
  type: (_) @return_type
  name: (_) @name) @definition.method

; Members.
(field_declaration declarator: (variable_declarator name: (_) @name)) @definition.property
(constant_declaration declarator: (variable_declarator name: (_) @name)) @definition.constant
(enum_constant name: (_) @name) @definition.constant

(object_creation_expression) @scope.anonymous
(enum_constant body: (class_body) @scope.anonymous)
(lambda_expression) @scope.closure

(block_comment) @comment
(line_comment) @comment

(method_invocation) @callee @reference.send
(object_creation_expression type: (type_identifier) @name) @reference.call

(if_statement) @branch
(for_statement) @branch
(enhanced_for_statement) @branch
(while_statement) @branch
(do_statement) @branch
(switch_label "case") @branch
(catch_clause) @branch
(ternary_expression) @branch
(binary_expression) @branch.operator
