//! The node kinds and fields the extraction looks at, as small numbers.
//!
//! Grammars number their kinds differently, so the names are translated once per grammar; matching then costs a byte
//! comparison, and a kind that a grammar renames shows as a failing test instead of silence.

macro_rules! node_kinds {
    (
        named { $($variant:ident = $($name:literal)|+;)* }
        tokens { $($token:ident = $($text:literal)|+;)* }
    ) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum NodeKind { Skipped, Other, Error, $($variant,)* $($token,)* }

        impl NodeKind {
            pub(super) fn of(name: &str, named: bool) -> Self {
                match (named, name) {
                    // The quotes of a Python string are nodes of their own.
                    (true, "string_start" | "string_end") => Self::Skipped,
                    $((true, $($name)|+) => Self::$variant,)*
                    $((false, $($text)|+) => Self::$token,)*
                    (true, _) => Self::Other,
                    (false, _) => Self::Skipped,
                }
            }

            #[cfg(test)]
            pub(super) fn names() -> Vec<(&'static str, bool)> {
                vec![$($(($name, true),)+)* $($(($text, false),)+)*]
            }
        }
    };
}

node_kinds! {
    named {
        AbstractClassDeclaration = "abstract_class_declaration";
        AbstractMethodSignature = "abstract_method_signature";
        AccessibilityModifier = "accessibility_modifier";
        AliasedImport = "aliased_import";
        AmbientDeclaration = "ambient_declaration";
        ArgumentList = "argument_list";
        Arguments = "arguments";
        ArrayPattern = "array_pattern";
        ArrowFunction = "arrow_function";
        AsExpression = "as_expression";
        AsPattern = "as_pattern";
        AsPatternTarget = "as_pattern_target";
        AwaitExpression = "await_expression" | "await";
        CallSignature = "call_signature" | "construct_signature" | "function_type" | "constructor_type";
        ExtendsTypeClause = "extends_type_clause";
        ImplementsClause = "implements_clause";
        Import = "import";
        IndexSignature = "index_signature";
        InferType = "infer_type";
        MappedTypeClause = "mapped_type_clause";
        NamespaceExport = "namespace_export";
        NestedTypeIdentifier = "nested_type_identifier";
        ParenthesizedType = "parenthesized_type";
        ReadonlyType = "readonly_type";
        SubscriptExpression = "subscript_expression";
        ThisType = "this_type";
        TypeAnnotation = "type_annotation";
        TypeArguments = "type_arguments";
        TypeIdentifier = "type_identifier";
        TypeParameterNode = "type_parameter";
        TypeParameters = "type_parameters";
        UnionType = "union_type";
        UpdateExpression = "update_expression";
        AugmentedAssignmentExpression = "augmented_assignment_expression";
        RelativeImport = "relative_import";
        WildcardImport = "wildcard_import";
        BinaryOperator = "binary_operator";
        Subscript = "subscript";
        Assignment = "assignment";
        AssignmentExpression = "assignment_expression";
        AssignmentPattern = "assignment_pattern";
        AssignmentStatement = "assignment_statement";
        ImportSpec = "import_spec";
        IncStatement = "inc_statement" | "dec_statement";
        KeyedElement = "keyed_element";
        MapType = "map_type";
        TypeAssertionExpression = "type_assertion_expression";
        LiteralValue = "literal_value";
        Attribute = "attribute";
        AugmentedAssignment = "augmented_assignment";
        Block = "block";
        BooleanOperator = "boolean_operator";
        Call = "call";
        CallExpression = "call_expression";
        CaseClause = "case_clause";
        CasePattern = "case_pattern";
        CatchClause = "catch_clause";
        Class = "class";
        ClassBody = "class_body";
        ClassDeclaration = "class_declaration";
        ClassDefinition = "class_definition";
        ClassHeritage = "class_heritage";
        ClassStaticBlock = "class_static_block";
        Comment = "comment" | "html_comment";
        CommunicationCase = "communication_case";
        CompositeLiteral = "composite_literal";
        ComputedPropertyName = "computed_property_name";
        ConcatenatedString = "concatenated_string";
        ConditionalExpression = "conditional_expression";
        ConstDeclaration = "const_declaration";
        ConstSpec = "const_spec";
        DecoratedDefinition = "decorated_definition";
        Decorator = "decorator";
        DefaultCase = "default_case";
        DefaultParameter = "default_parameter";
        DictionaryComprehension = "dictionary_comprehension";
        DictionarySplatPattern = "dictionary_splat_pattern";
        DoStatement = "do_statement";
        DottedName = "dotted_name";
        ElifClause = "elif_clause";
        EnumAssignment = "enum_assignment";
        EnumBody = "enum_body";
        EnumDeclaration = "enum_declaration";
        ExceptClause = "except_clause";
        ExportClause = "export_clause";
        ExportSpecifier = "export_specifier";
        ExportStatement = "export_statement";
        ExpressionCase = "expression_case";
        ExpressionList = "expression_list";
        ExpressionStatement = "expression_statement";
        ExpressionSwitchStatement = "expression_switch_statement";
        ExtendsClause = "extends_clause";
        FieldDeclaration = "field_declaration";
        FieldDeclarationList = "field_declaration_list";
        ForInClause = "for_in_clause";
        ForInStatement = "for_in_statement";
        ForStatement = "for_statement";
        FormalParameters = "formal_parameters";
        FuncLiteral = "func_literal";
        FunctionDeclaration = "function_declaration";
        FunctionDefinition = "function_definition";
        FunctionExpression = "function_expression";
        FunctionSignature = "function_signature";
        FutureImportStatement = "future_import_statement";
        GeneratorExpression = "generator_expression";
        GeneratorFunction = "generator_function";
        GeneratorFunctionDeclaration = "generator_function_declaration";
        GenericType = "generic_type";
        MemberType = "member_type";
        GlobalStatement = "global_statement";
        Identifier = "identifier" | "package_identifier";
        IfClause = "if_clause";
        IfStatement = "if_statement";
        ImportAlias = "import_alias";
        ImportClause = "import_clause";
        ImportFromStatement = "import_from_statement";
        ImportRequireClause = "import_require_clause";
        ImportSpecifier = "import_specifier";
        ImportStatement = "import_statement";
        IndexExpression = "index_expression";
        InstantiationExpression = "instantiation_expression";
        InterfaceBody = "interface_body";
        InterfaceDeclaration = "interface_declaration";
        InterfaceType = "interface_type";
        InternalModule = "internal_module";
        Interpolation = "interpolation";
        JsxClosingElement = "jsx_closing_element";
        JsxElement = "jsx_element";
        JsxOpeningElement = "jsx_opening_element";
        JsxSelfClosingElement = "jsx_self_closing_element";
        JsxText = "jsx_text";
        KeywordArgument = "keyword_argument";
        KeywordPattern = "keyword_pattern";
        Lambda = "lambda";
        LambdaParameters = "lambda_parameters";
        LexicalDeclaration = "lexical_declaration";
        LineContinuation = "line_continuation";
        List = "list";
        ListComprehension = "list_comprehension";
        ListPattern = "list_pattern";
        ListSplat = "list_splat";
        ListSplatPattern = "list_splat_pattern";
        MemberExpression = "member_expression";
        MethodDeclaration = "method_declaration";
        MethodDefinition = "method_definition";
        MethodElem = "method_elem";
        MethodSignature = "method_signature";
        Module = "module";
        NamedExpression = "named_expression";
        NamedImports = "named_imports";
        NamespaceImport = "namespace_import";
        NestedIdentifier = "nested_identifier";
        NewExpression = "new_expression";
        NonNullExpression = "non_null_expression";
        NonlocalStatement = "nonlocal_statement";
        Number = "number";
        Object = "object";
        ObjectAssignmentPattern = "object_assignment_pattern";
        ObjectPattern = "object_pattern";
        OptionalParameter = "optional_parameter";
        PackageClause = "package_clause";
        Pair = "pair";
        PairPattern = "pair_pattern";
        ParameterDeclaration = "parameter_declaration";
        ParameterList = "parameter_list";
        Parameters = "parameters";
        ParenthesizedExpression = "parenthesized_expression";
        PatternList = "pattern_list";
        PointerType = "pointer_type";
        PrivatePropertyIdentifier = "private_property_identifier";
        Program = "program";
        PropertyIdentifier = "property_identifier" | "field_identifier";
        PropertySignature = "property_signature";
        PublicFieldDefinition = "public_field_definition";
        QualifiedType = "qualified_type";
        RangeClause = "range_clause";
        ReceiveStatement = "receive_statement";
        Regex = "regex";
        RequiredParameter = "required_parameter";
        RestPattern = "rest_pattern";
        SatisfiesExpression = "satisfies_expression";
        SelectStatement = "select_statement";
        SelectorExpression = "selector_expression";
        SetComprehension = "set_comprehension";
        ShortVarDeclaration = "short_var_declaration";
        ShorthandPropertyIdentifier = "shorthand_property_identifier";
        ShorthandPropertyIdentifierPattern = "shorthand_property_identifier_pattern";
        SplatPattern = "splat_pattern";
        StatementBlock = "statement_block";
        String = "string" | "interpreted_string_literal" | "raw_string_literal" | "rune_literal";
        StringContent = "string_content";
        StructType = "struct_type";
        Super = "super";
        SwitchBody = "switch_body";
        SwitchCase = "switch_case";
        TemplateString = "template_string";
        TernaryExpression = "ternary_expression";
        This = "this";
        Tuple = "tuple";
        TuplePattern = "tuple_pattern";
        TypeAlias = "type_alias";
        TypeAliasDeclaration = "type_alias_declaration";
        TypeAliasStatement = "type_alias_statement";
        TypeAssertion = "type_assertion";
        TypeCase = "type_case";
        TypeConversionExpression = "type_conversion_expression";
        TypeDeclaration = "type_declaration";
        TypeElem = "type_elem";
        TypeInstantiationExpression = "type_instantiation_expression";
        TypeParameterDeclaration = "type_parameter_declaration";
        TypeParameterList = "type_parameter_list";
        TypeSpec = "type_spec";
        TypeSwitchStatement = "type_switch_statement";
        TypedDefaultParameter = "typed_default_parameter";
        TypedParameter = "typed_parameter";
        UnaryExpression = "unary_expression";
        UnionPattern = "union_pattern";
        VarDeclaration = "var_declaration";
        VarSpec = "var_spec";
        VarSpecList = "var_spec_list";
        VariadicParameter = "variadic_parameter_declaration";
        VariableDeclaration = "variable_declaration";
        VariableDeclarator = "variable_declarator";
        WhileStatement = "while_statement";
        WithItem = "with_item";
        // Types that name nothing: never looked into.
        TypeLeaf = "predefined_type" | "literal_type";
        PythonType = "type";
    }
    tokens {
        AsyncToken = "async";
        BlockToken = "const" | "let" | "using";
        DeclareToken = ":=";
        DefaultToken = "default";
        GetToken = "get";
        GlobalToken = "global";
        LogicalToken = "&&" | "||" | "??";
        SetToken = "set";
        StaticToken = "static";
        VarToken = "var";
    }
}

impl NodeKind {
    /// Whether flattening looks into such nodes. `formatted_strings` says that a plain string can hold expressions.
    pub(super) fn descends(self, formatted_strings: bool) -> bool {
        match self {
            Self::Skipped
            | Self::Comment
            | Self::Identifier
            | Self::JsxText
            | Self::LineContinuation
            | Self::Number
            | Self::PropertyIdentifier
            | Self::Regex
            | Self::StringContent
            | Self::TypeIdentifier
            | Self::TypeLeaf => false,
            Self::String => formatted_strings,
            _ => true,
        }
    }

    pub(super) fn is_function_expression(self) -> bool {
        matches!(self, Self::ArrowFunction | Self::FunctionExpression | Self::GeneratorFunction)
    }
}

macro_rules! fields {
    ($($variant:ident = $name:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field { None, $($variant,)* }

        impl Field {
            pub(super) fn of(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    _ => Self::None,
                }
            }
        }
    };
}

fields! {
    Alias = "alias",
    Arguments = "arguments",
    Attribute = "attribute",
    Body = "body",
    Constructor = "constructor",
    Declaration = "declaration",
    Definition = "definition",
    Function = "function",
    Index = "index",
    Key = "key",
    Kind = "kind",
    Left = "left",
    ModuleName = "module_name",
    Name = "name",
    Object = "object",
    Operand = "operand",
    Package = "package",
    Parameter = "parameter",
    Parameters = "parameters",
    Path = "path",
    Pattern = "pattern",
    Property = "property",
    Receiver = "receiver",
    Result = "result",
    ReturnType = "return_type",
    Right = "right",
    Selected = "field",
    Source = "source",
    Module = "module",
    Subscript = "subscript",
    Superclasses = "superclasses",
    Type = "type",
    TypeArguments = "type_arguments",
    TypeParameters = "type_parameters",
    Value = "value",
}
