; The declarator says what is declared, and whether it is a function.
(function_definition declarator: (_) @declarator) @definition.function
(declaration declarator: (_) @declarator) @definition.declaration
(field_declaration declarator: (_) @declarator) @definition.declaration
(type_definition declarator: (_) @declarator) @definition.typedef

; Only declared without a body, a type is defined elsewhere.
(struct_specifier name: (_) @name body: (_)) @definition.struct
(union_specifier name: (_) @name body: (_)) @definition.struct
(enum_specifier name: (_) @name body: (_)) @definition.enum
(enumerator name: (_) @name) @definition.constant

; A macro with parameters is called like a function; one without is a constant and no definition.
((preproc_function_def name: (_) @name parameters: (_) @parameters) @definition.macro
  (#set! signature "#define "))

(comment) @comment

(call_expression function: (identifier) @name) @reference.call

(if_statement) @branch
(for_statement) @branch
(while_statement) @branch
(do_statement) @branch
(case_statement "case") @branch
(conditional_expression) @branch
(binary_expression) @branch.operator
