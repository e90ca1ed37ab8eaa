//! Cyclomatic complexity: one, and one more for each way the control flow can fork.

use super::node_kind::NodeKind;

/// Whether a node adds a path through its function. Both sides of a Python `and` count once per operator, like `&&`.
pub(super) fn is_decision(kind: NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::IfStatement
            | NodeKind::ElifClause
            | NodeKind::ForStatement
            | NodeKind::ForInStatement
            | NodeKind::ForInClause
            | NodeKind::IfClause
            | NodeKind::WhileStatement
            | NodeKind::DoStatement
            | NodeKind::SwitchCase
            | NodeKind::CaseClause
            | NodeKind::ExpressionCase
            | NodeKind::TypeCase
            | NodeKind::CommunicationCase
            | NodeKind::CatchClause
            | NodeKind::ExceptClause
            | NodeKind::LogicalToken
            | NodeKind::BooleanOperator
            | NodeKind::TernaryExpression
            | NodeKind::ConditionalExpression
    )
}
