package org.mirror4j.device.ptx;

import java.util.List;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.device.ptx.syntax.ModuleSyntax;

/** A PTX file, ready to execute. */
public final class PtxModule {
  private final ModuleSyntax syntax;
  private final List<PtxProgram> programs;

  private PtxModule(ModuleSyntax syntax) {
    this.syntax = syntax;
    this.programs =
        syntax.entries().stream().map(entry -> new PtxProgram(entry, syntax.constants())).toList();
  }

  /**
   * Parses a file and makes all its entries executable.
   *
   * @param fileName name for reports, without its folder
   * @throws PtxException at the first thing outside the supported subset: {@code file:line: ...}
   */
  public static PtxModule parse(String fileName, String text) {
    return new PtxModule(ModuleSyntax.parse(fileName, text));
  }

  /** The text as parsed. */
  public ModuleSyntax syntax() {
    return syntax;
  }

  /** All entries in order. */
  public List<PtxProgram> programs() {
    return programs;
  }

  /**
   * One entry.
   *
   * @throws PtxException if there is none of this name
   */
  public PtxProgram program(String entry) {
    return programs.stream()
        .filter(program -> program.syntax().name().equals(entry))
        .findFirst()
        .orElseThrow(() -> new PtxException("%s: no entry '%s'".formatted(syntax.file(), entry)));
  }
}
