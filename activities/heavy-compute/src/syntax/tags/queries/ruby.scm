(module name: (_) @name) @definition.module
(class name: (_) @name) @definition.class
(method name: (_) @name parameters: (method_parameters)? @parameters) @definition.function
(singleton_method name: (_) @name parameters: (method_parameters)? @parameters) @definition.function
(assignment left: (constant) @name) @definition.variable

; Members.
((call
  !receiver
  method: (identifier) @_macro
  arguments: (argument_list (simple_symbol) @name @definition.property))
  (#any-of? @_macro "attr_reader" "attr_writer" "attr_accessor"))

(singleton_class) @scope.unnamed
(lambda) @scope.closure

; Visibility: for all that follows, for what is defined in the argument, for what is named.
(body_statement
  (identifier) @access
  (#any-of? @access "private" "protected" "public" "module_function"))
((call
  !receiver
  method: (identifier) @access
  arguments: (argument_list [(method) (singleton_method)])) @wrapper
  (#any-of? @access "private" "protected" "public" "private_class_method" "module_function"))
((call
  !receiver
  method: (identifier) @_macro
  arguments: (argument_list (simple_symbol) @name)) @hidden
  (#any-of? @_macro "private" "private_class_method"))

(comment) @comment

(call) @callee @reference.send

(if) @branch
(elsif) @branch
(unless) @branch
(if_modifier) @branch
(unless_modifier) @branch
(while) @branch
(until) @branch
(while_modifier) @branch
(until_modifier) @branch
(for) @branch
(when) @branch
(in_clause) @branch
(rescue) @branch
(rescue_modifier) @branch
(conditional) @branch
(binary) @branch.operator
