package org.mirror4j.device.ptx.syntax;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.launch.source.KernelLimits;
import org.mirror4j.device.ptx.report.PtxException;

/** What is between the braces of an entry: declarations, labels, instructions, inner scopes. */
final class EntryBodyParser {
  private final TokenStream tokens;
  private final OperandParser operands;
  private final VariableLayout layout;
  private final List<Instruction> instructions = new ArrayList<>();
  private final List<Register> registers = new ArrayList<>();
  private final int[] counts = new int[Register.Width.values().length];
  private Scope scope;

  EntryBodyParser(TokenStream tokens, VariableLayout layout, Scope scope) {
    this.tokens = tokens;
    this.operands = new OperandParser(tokens);
    this.layout = layout;
    this.scope = scope;
  }

  List<Register> registers() {
    return registers;
  }

  /** Parses up to and with the closing brace. */
  List<Instruction> parse() {
    tokens.expect("{");
    statements();
    for (Scope.PendingBranch branch : scope.pending()) {
      throw PtxException.at(
          tokens.file(), branch.line(), "label '" + branch.label() + "' is not defined");
    }
    return List.copyOf(instructions);
  }

  private void statements() {
    while (!tokens.accept("}")) {
      if (tokens.accept("{")) {
        scope = new Scope(scope);
        statements();
        scope = scope.outer();
      } else if (tokens.peek().kind() == Token.Kind.DOTTED) {
        directive();
      } else if (tokens.peek().kind() == Token.Kind.WORD && tokens.peekSecond().is(":")) {
        label();
      } else {
        instruction();
      }
    }
    resolveBranches();
  }

  private void directive() {
    if (tokens.acceptDirective(".reg")) {
      registerDeclaration();
    } else if (tokens.acceptDirective(".shared")) {
      layout.declare(StateSpace.SHARED, false, scope);
    } else if (tokens.acceptDirective(".local")) {
      layout.declare(StateSpace.LOCAL, false, scope);
    } else if (tokens.acceptDirective(".pragma")) {
      Token pragma = tokens.next();
      if (pragma.kind() != Token.Kind.STRING || !pragma.text().equals("nounroll")) {
        throw tokens.error("unsupported .pragma '" + pragma.text() + "', expected \"nounroll\"");
      }
      tokens.expect(";");
    } else {
      throw tokens.error("unsupported '" + tokens.peek().text() + "'");
    }
  }

  private void registerDeclaration() {
    Type type = tokens.expectType();
    if (type.bits() == 8 || type == Type.TF32) {
      throw tokens.error("unsupported register type " + type);
    }
    do {
      int line = tokens.line();
      String name = tokens.expectWord("the name of a register");
      if (tokens.accept("<")) {
        int count = tokens.expectSmallInteger("number of registers");
        tokens.expect(">");
        for (int i = 0; i < count; i++) {
          declare(name + i, type, line);
        }
      } else {
        declare(name, type, line);
      }
    } while (tokens.accept(","));
    tokens.expect(";");
  }

  private void declare(String name, Type type, int line) {
    int file = Register.Width.of(type).ordinal();
    Register register = new Register(name, type, counts[file]++, registers.size());
    if (!scope.declare(name, register)) {
      throw PtxException.at(tokens.file(), line, "'" + name + "' is declared twice");
    }
    registers.add(register);
  }

  private void label() {
    int line = tokens.line();
    String name = tokens.next().text();
    tokens.expect(":");
    if (!scope.label(name, instructions.size())) {
      throw PtxException.at(tokens.file(), line, "label '" + name + "' is defined twice");
    }
  }

  private void instruction() {
    Instruction.Guard guard = null;
    if (tokens.accept("@")) {
      boolean negated = tokens.accept("!");
      Register register = operands.register(scope);
      if (register.type() != Type.PRED) {
        throw tokens.error(
            "guard '" + register.name() + "' is " + register.type() + ", expected .pred");
      }
      guard = new Instruction.Guard(register, negated);
    }
    int line = tokens.line();
    String opcode = tokens.expectWord("an instruction");
    List<String> modifiers = new ArrayList<>();
    while (tokens.peek().kind() == Token.Kind.DOTTED && tokens.peek().glued()) {
      if (modifiers.size() == KernelLimits.MODIFIERS) {
        throw tokens.error("more than %d modifiers".formatted(KernelLimits.MODIFIERS));
      }
      modifiers.add(tokens.next().text().substring(1));
    }
    List<Operand> list = new ArrayList<>();
    if (opcode.equals("bra")) {
      // The target is put in when the scope ends and all its labels are known.
      String target = tokens.expectWord("a label");
      scope.branch(new Scope.PendingBranch(instructions.size(), target, line));
    } else if (!tokens.peek().is(";")) {
      do {
        list.add(operands.operand(scope));
      } while (tokens.accept(","));
    }
    tokens.expect(";");
    instructions.add(
        new Instruction(
            tokens.file(),
            line,
            instructions.size(),
            opcode,
            List.copyOf(modifiers),
            guard,
            List.copyOf(list)));
  }

  /** Gives branches of the ending scope their targets; those without go to the scope outside. */
  private void resolveBranches() {
    List<Scope.PendingBranch> open = new ArrayList<>();
    for (Scope.PendingBranch branch : scope.pending()) {
      Integer target = scope.target(branch.label());
      if (target == null) {
        open.add(branch);
        continue;
      }
      Instruction old = instructions.get(branch.instruction());
      instructions.set(
          branch.instruction(),
          new Instruction(
              old.file(),
              old.line(),
              old.index(),
              old.opcode(),
              old.modifiers(),
              old.guard(),
              List.of(new Operand.Label(branch.label(), target))));
    }
    scope.pending().clear();
    // The scope of the parameters is the body's own: what is open there has no label at all.
    (instructionsEnd() ? scope : scope.outer()).pending().addAll(open);
  }

  private boolean instructionsEnd() {
    return scope.outer().outer() == null;
  }
}
