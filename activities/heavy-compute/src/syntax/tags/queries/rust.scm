; Items. What stands in an `impl` or a `trait` becomes a method by its place.
(function_item
  name: (_) @name
  parameters: (parameters) @parameters
  return_type: (_)? @return_type) @definition.function
(function_signature_item
  name: (_) @name
  parameters: (parameters) @parameters
  return_type: (_)? @return_type) @definition.function
((macro_definition name: (identifier) @name) @definition.macro
  (#set! signature "macro_rules! "))
(struct_item name: (_) @name) @definition.struct
(union_item name: (_) @name) @definition.struct
(enum_item name: (_) @name) @definition.enum
(trait_item name: (_) @name) @definition.trait
(type_item name: (_) @name) @definition.type
(const_item name: (_) @name) @definition.variable
(static_item name: (_) @name) @definition.variable
; `mod name;` stands for another file, which is an entity already.
(mod_item name: (_) @name body: (_)) @definition.module

; Members.
(field_declaration name: (_) @name) @definition.property
(enum_variant name: (_) @name) @definition.constant

(impl_item trait: (_)? @trait type: (_) @owner) @scope.implementation
(closure_expression) @scope.closure

(line_comment) @comment
(block_comment) @comment
(attribute_item) @attribute

; A receiver can be a chain of any length, so a pattern that waited for what stands behind it would pile up: the match
; ends at the callee, and its fields are read from there.
(call_expression function: (identifier) @name) @reference.call
(call_expression function: (generic_function function: (identifier) @name)) @reference.call
(call_expression function: (field_expression) @callee) @reference.send
(call_expression function: (generic_function function: (field_expression) @callee)) @reference.send
(call_expression function: (scoped_identifier) @callee) @reference.path
(call_expression function: (generic_function function: (scoped_identifier) @callee)) @reference.path
(macro_invocation macro: (identifier) @name) @reference.macro

(if_expression) @branch
(while_expression) @branch
(for_expression) @branch
(match_arm pattern: (match_pattern) @_pattern (#not-eq? @_pattern "_")) @branch
(match_pattern condition: (_) @branch)
(let_declaration alternative: (_) @branch)
(binary_expression) @branch.operator
