//! Walking the syntax tree of an expression, and making parts of one.

use jsonata_core::ast::{AstNode, PathStep, Stage};
use jsonata_core::value::with_stack;

/// Levels that evaluating an expression nests as it is written; the bodies of functions, which count when they are called,
/// are included where that is asked for.
pub(super) fn depth(node: &mut AstNode, bodies: bool) -> usize {
    with_stack(|| {
        let mut below = 0;
        if bodies || !matches!(node, AstNode::Lambda { .. }) {
            for_each_child(node, &mut |child| below = below.max(depth(child, bodies)));
        }
        below + 1
    })
}

/// Visits the nodes directly below a node.
pub(super) fn for_each_child(node: &mut AstNode, visit: &mut dyn FnMut(&mut AstNode)) {
    match node {
        AstNode::Path { steps } => steps.iter_mut().for_each(|step| visit_step(step, visit)),
        AstNode::Binary { lhs, rhs, .. } => {
            visit(lhs);
            visit(rhs);
        }
        AstNode::Unary { operand, .. }
        | AstNode::FunctionApplication(operand)
        | AstNode::Lambda { body: operand, .. } => visit(operand),
        AstNode::Function { args, .. } | AstNode::Array(args) | AstNode::Block(args) | AstNode::ArrayGroup(args) => {
            args.iter_mut().for_each(visit);
        }
        AstNode::Call { procedure, args } => {
            visit(procedure);
            args.iter_mut().for_each(visit);
        }
        AstNode::Object(pairs) => visit_pairs(pairs, visit),
        AstNode::ObjectTransform { input, pattern } => {
            visit(input);
            visit_pairs(pattern, visit);
        }
        AstNode::Conditional { condition, then_branch, else_branch } => {
            visit(condition);
            visit(then_branch);
            if let Some(branch) = else_branch {
                visit(branch);
            }
        }
        AstNode::Sort { input, terms } => {
            visit(input);
            terms.iter_mut().for_each(|(term, _)| visit(term));
        }
        AstNode::Transform { location, update, delete } => {
            visit(location);
            visit(update);
            if let Some(delete) = delete {
                visit(delete);
            }
        }
        AstNode::String(_)
        | AstNode::Name(_)
        | AstNode::Number(_)
        | AstNode::Boolean(_)
        | AstNode::Null
        | AstNode::Undefined
        | AstNode::Placeholder
        | AstNode::Regex { .. }
        | AstNode::Variable(_)
        | AstNode::ParentVariable(_)
        | AstNode::Wildcard
        | AstNode::Descendant
        | AstNode::Parent(_) => {}
    }
}

fn visit_step(step: &mut PathStep, visit: &mut dyn FnMut(&mut AstNode)) {
    visit(&mut step.node);
    for stage in &mut step.stages {
        match stage {
            Stage::Filter(filter) => visit(filter),
            Stage::KeepArray | Stage::Index(_) => {}
        }
    }
}

fn visit_pairs(pairs: &mut [(AstNode, AstNode)], visit: &mut dyn FnMut(&mut AstNode)) {
    for (key, value) in pairs {
        visit(key);
        visit(value);
    }
}

pub(super) fn call(name: &str, args: Vec<AstNode>) -> AstNode {
    AstNode::Function { name: name.to_owned(), args, is_builtin: true }
}

pub(super) fn lambda(params: Vec<String>, body: AstNode) -> AstNode {
    AstNode::Lambda { params, body: Box::new(body), signature: None, thunk: false }
}

pub(super) fn is_literal(node: &AstNode) -> bool {
    matches!(node, AstNode::String(_) | AstNode::Number(_) | AstNode::Boolean(_) | AstNode::Null)
}
