package org.mirror4j.device.ptx.syntax;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.ptx.report.PtxException;

/** Directives of a file and the heads of its entries (ISA 11). */
final class ModuleParser {
  private final TokenStream tokens;
  private final VariableLayout layout;
  private final Scope scope = new Scope(null);
  private final List<EntrySyntax> entries = new ArrayList<>();
  private String version;
  private String target;

  ModuleParser(TokenStream tokens) {
    this.tokens = tokens;
    this.layout = new VariableLayout(tokens);
  }

  ModuleSyntax module() {
    header();
    while (tokens.peek().kind() != Token.Kind.END) {
      statement();
    }
    if (entries.isEmpty()) {
      throw tokens.error("no .entry in this file");
    }
    return new ModuleSyntax(
        tokens.file(), version, target, List.copyOf(entries), layout.constants());
  }

  /** {@code .version}, {@code .target} and {@code .address_size 64}, in this order. */
  private void header() {
    expectDirective(".version");
    version = tokens.next().text();
    expectDirective(".target");
    target = tokens.expectWord("an architecture such as sm_75");
    expectDirective(".address_size");
    int bits = tokens.expectSmallInteger("address size");
    if (bits != 64) {
      throw tokens.error("address size is " + bits + ", expected 64");
    }
  }

  private void statement() {
    boolean external = tokens.acceptDirective(".extern");
    boolean visible = !external && tokens.acceptDirective(".visible");
    if (tokens.acceptDirective(".shared")) {
      layout.declare(StateSpace.SHARED, external, scope);
    } else if (!external && tokens.acceptDirective(".const")) {
      layout.declare(StateSpace.CONST, false, scope);
    } else if (!external && tokens.acceptDirective(".entry")) {
      entries.add(entry());
    } else {
      String found = tokens.peek().text();
      String prefix = external ? ".extern " : visible ? ".visible " : "";
      throw tokens.error("unsupported '" + prefix + found + "'");
    }
  }

  private EntrySyntax entry() {
    int line = tokens.line();
    String name = tokens.expectWord("the name of an entry");
    if (!scope.declare(name, name)) {
      throw PtxException.at(tokens.file(), line, "'" + name + "' is declared twice");
    }
    Scope inner = new Scope(scope);
    List<Parameter> parameters = new ArrayList<>();
    int parameterBytes = 0;
    if (tokens.accept("(") && !tokens.accept(")")) {
      do {
        Parameter parameter = parameter(parameterBytes, inner);
        parameters.add(parameter);
        parameterBytes = parameter.offset() + parameter.type().bytes();
      } while (tokens.accept(","));
      tokens.expect(")");
    }
    Dim3 required = null;
    Dim3 maximum = null;
    while (tokens.peek().kind() == Token.Kind.DOTTED) {
      if (tokens.acceptDirective(".reqntid")) {
        required = extent();
      } else if (tokens.acceptDirective(".maxntid")) {
        maximum = extent();
      } else if (tokens.acceptDirective(".minnctapersm") || tokens.acceptDirective(".maxnreg")) {
        // Hints for the assembler's register allocation.
        tokens.expectSmallInteger("count");
      } else {
        throw tokens.error("unsupported '" + tokens.peek().text() + "'");
      }
    }
    EntryBodyParser body = new EntryBodyParser(tokens, layout, inner);
    List<Instruction> instructions = body.parse();
    return new EntrySyntax(
        tokens.file(),
        line,
        name,
        List.copyOf(parameters),
        parameterBytes,
        List.copyOf(body.registers()),
        required,
        maximum,
        layout.sharedBytes(),
        layout.dynamicSharedOffset(),
        layout.localBytes(),
        instructions,
        new ControlFlow(instructions));
  }

  /** {@code .param .u64 .ptr .global .align 16 x}. */
  private Parameter parameter(int used, Scope inner) {
    expectDirective(".param");
    Type type = tokens.expectType();
    StateSpace space = null;
    int align = 1;
    if (tokens.acceptDirective(".ptr")) {
      Token named = tokens.next();
      space = named.text().startsWith(".") ? StateSpace.named(named.text().substring(1)) : null;
      if (space != StateSpace.GLOBAL || type.bits() != 64) {
        throw PtxException.at(
            tokens.file(), named.line(), "unsupported pointer, expected .u64 .ptr .global");
      }
      if (tokens.acceptDirective(".align")) {
        align = tokens.expectAlignment();
      }
    }
    int line = tokens.line();
    String name = tokens.expectWord("the name of a parameter");
    if (type.bits() < 8 || tokens.peek().is("[")) {
      throw PtxException.at(tokens.file(), line, "unsupported parameter '" + name + "'");
    }
    int bytes = type.bytes();
    int offset = (used + bytes - 1) / bytes * bytes;
    Parameter parameter = new Parameter(name, type, space, align, offset, line);
    if (!inner.declare(name, parameter)) {
      throw PtxException.at(tokens.file(), line, "'" + name + "' is declared twice");
    }
    return parameter;
  }

  private Dim3 extent() {
    int[] sizes = {1, 1, 1};
    int count = 0;
    do {
      if (count == sizes.length) {
        throw tokens.error("more than three sizes");
      }
      sizes[count++] = tokens.expectSmallInteger("size of a block");
    } while (tokens.accept(","));
    return new Dim3(sizes[0], sizes[1], sizes[2]);
  }

  private void expectDirective(String directive) {
    if (!tokens.acceptDirective(directive)) {
      throw tokens.unexpected("'" + directive + "'");
    }
  }
}
