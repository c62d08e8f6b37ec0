package org.mirror4j.device.ptx.syntax;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.launch.source.KernelLimits;
import org.mirror4j.device.ptx.report.PtxException;

/** Operands of an instruction (ISA 6): registers, constants, addresses, vectors, names. */
final class OperandParser {
  private final TokenStream tokens;

  OperandParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** One operand in a scope. */
  Operand operand(Scope scope) {
    if (tokens.accept("{")) {
      return vector(scope);
    }
    if (tokens.accept("[")) {
      Operand address = address(scope);
      tokens.expect("]");
      return address;
    }
    if (tokens.accept("!")) {
      return new Operand.Negated(register(scope));
    }
    Operand first = Constants.begins(tokens) ? Constants.operand(tokens) : named(scope);
    return tokens.accept("|") ? new Operand.Pair(first, named(scope)) : first;
  }

  /** A register by name, which must be a predicate where guards and {@code !} use it. */
  Register register(Scope scope) {
    String name = tokens.peek().text();
    Object found = scope.find(name);
    if (!(found instanceof Register register)) {
      throw tokens.error("register '" + name + "' is not declared");
    }
    tokens.next();
    return register;
  }

  private Operand vector(Scope scope) {
    List<Operand> elements = new ArrayList<>();
    do {
      if (elements.size() == KernelLimits.VECTOR_ELEMENTS) {
        throw tokens.error(
            "a vector of more than %d elements".formatted(KernelLimits.VECTOR_ELEMENTS));
      }
      elements.add(Constants.begins(tokens) ? Constants.operand(tokens) : named(scope));
    } while (tokens.accept(","));
    tokens.expect("}");
    return new Operand.Vector(List.copyOf(elements));
  }

  private Operand named(Scope scope) {
    if (tokens.peek().kind() != Token.Kind.WORD) {
      throw tokens.unexpected("an operand");
    }
    String name = tokens.peek().text();
    if (name.equals("_")) {
      tokens.next();
      return new Operand.Sink();
    }
    return switch (scope.find(name)) {
      case Register register -> {
        tokens.next();
        yield new Operand.InRegister(register);
      }
      case Variable variable -> {
        tokens.next();
        yield new Operand.VariableAddress(variable, offset());
      }
      case null -> special(name);
      default -> throw tokens.error("'" + name + "' is a parameter, expected it in brackets");
    };
  }

  private Operand special(String name) {
    if (!name.startsWith("%")) {
      throw tokens.error("'" + name + "' is not declared");
    }
    String full = name;
    int line = tokens.line();
    tokens.next();
    if (tokens.peek().kind() == Token.Kind.DOTTED && tokens.peek().glued()) {
      full += tokens.next().text();
    }
    SpecialRegister register = SpecialRegister.named(full);
    if (register == null) {
      throw PtxException.at(
          tokens.file(),
          line,
          "'" + full + "' is neither declared nor a supported special register");
    }
    return new Operand.Special(register);
  }

  private Operand address(Scope scope) {
    if (Constants.begins(tokens)) {
      return new Operand.Address(null, null, null, Constants.integer(tokens));
    }
    String name = tokens.peek().text();
    Object found = scope.find(name);
    if (found == null) {
      throw tokens.error("'" + name + "' is not declared");
    }
    tokens.next();
    long offset = offset();
    return switch (found) {
      case Register register -> new Operand.Address(register, null, null, offset);
      case Variable variable -> new Operand.Address(null, variable, null, offset);
      case Parameter parameter -> new Operand.Address(null, null, parameter, offset);
      default -> throw new IllegalStateException(name);
    };
  }

  private long offset() {
    if (tokens.accept("+")) {
      return Constants.integer(tokens);
    }
    return tokens.peek().is("-") ? Constants.integer(tokens) : 0;
  }
}
