package org.mirror4j.device.ptx.syntax;

import java.util.List;
import org.mirror4j.device.ptx.report.PtxException;

/**
 * A PTX file, parsed and resolved.
 *
 * @param version of the ISA: {@code 7.0}
 * @param target oldest architecture: {@code sm_75}
 * @param constants the bytes of constant memory, little-endian
 */
public record ModuleSyntax(
    String file, String version, String target, List<EntrySyntax> entries, byte[] constants) {
  /**
   * Parses a whole file.
   *
   * @param file name for messages
   * @throws PtxException at the first thing outside the supported subset
   */
  public static ModuleSyntax parse(String file, String text) {
    TokenStream tokens = new TokenStream(file, text);
    ModuleLimits.require(tokens.again());
    return new ModuleParser(tokens).module();
  }

  /**
   * Requires that a text, of which not all need be in the subset, asks for no more than {@link
   * org.mirror4j.device.launch.source.KernelLimits} allows.
   *
   * @param file name for messages
   * @throws PtxException at the first thing that does
   */
  public static void requireLimits(String file, String text) {
    ModuleLimits.require(new TokenStream(file, text));
  }
}
