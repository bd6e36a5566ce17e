//! Classes in other languages: the text itself. What they do is shown in the package `tests`.

use ipc_schema::Schema;
use ipc_schema::export::{LANGUAGES, Language, export, language};

const SCHEMA: &str = r#"{ "namespace": "int.time", "constants": { "ROWS": 2 },
    "enums": [{ "enumName": "Mode", "base": "uint8", "values": { "class": 0, "Fault": 200 } }],
    "classes": [{ "className": "switch", "comment": "what */ it\nis \\", "members": [
        { "name": "while", "type": "uint16", "unit": "mm", "max": 7, "default": 2 },
        { "name": "View", "type": "Mode", "default": "class" },
        { "name": "Mode", "type": "Mode", "optional": true },
        { "name": "a", "type": "array", "size": ["while * ROWS"], "elem": { "type": "float" } } ] }] }"#;

fn schema(text: &str) -> Schema {
    Schema::from_text(text, "export.rs").unwrap_or_else(|errors| panic!("{errors}"))
}

fn first_file(text: &str, language: &'static dyn Language) -> String {
    let mut files = export(&schema(text), "it", language).unwrap_or_else(|error| panic!("{error}"));
    files.swap_remove(0).text
}

#[test]
fn the_same_schema_gives_the_same_files() {
    for language in LANGUAGES {
        let files = || export(&schema(SCHEMA), "it", *language).unwrap();
        assert_eq!(files(), files(), "{}", language.name());
    }
}

/// What a reader sees: the classes of `tests/export/scan.json`, beside it. `BLESS=1 cargo test -p ipc-schema` writes them anew.
#[test]
fn exported_text_is_as_it_was_read() {
    let scan = Schema::from_file("tests/export/scan.json").unwrap_or_else(|errors| panic!("{errors}"));
    for name in ["c", "cpp", "java", "csharp", "python", "typescript"] {
        let language = language(name).unwrap();
        let support: Vec<_> = language.support().iter().map(|(name, _)| *name).collect();
        for file in export(&scan, "scan", language).unwrap() {
            if support.contains(&file.name.as_str()) {
                continue;
            }
            let path = format!("tests/export/{name}/{}", file.name);
            if std::env::var_os("BLESS").is_some() {
                let folder = std::path::Path::new(&path).parent().unwrap();
                std::fs::create_dir_all(folder).unwrap();
                std::fs::write(&path, &file.text).unwrap();
            }
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(golden == file.text, "{path} differs: look at the change, then BLESS=1");
        }
    }
}

#[test]
fn no_line_ends_in_a_space_and_every_file_ends_in_one_line_end() {
    for language in LANGUAGES {
        for file in export(&schema(SCHEMA), "it", *language).unwrap() {
            let bad = file.text.lines().position(|line| line.ends_with([' ', '\t']));
            assert_eq!(bad, None, "{}: {}", language.name(), file.name);
            assert!(file.text.ends_with('\n') && !file.text.ends_with("\n\n"), "{}: {}", language.name(), file.name);
        }
    }
}

#[test]
fn a_cpp_header_escapes_keywords_and_what_every_class_has() {
    let text = first_file(SCHEMA, language("cpp").unwrap());
    for expected in [
        "namespace int_::time {\n",
        "inline constexpr std::uint64_t ROWS = 2U;\n",
        "    class_ = 0,\n",
        "/// what * / it\n/// is \\.\nstruct switch_ {\n",
        "    static constexpr std::string_view class_name = \"switch\";\n",
        "    /// Unit: mm.\n    /// Bounds: at most 7.\n    std::uint16_t while_ = 2;\n",
        "    Mode View_ = Mode::class_;\n",
        "    std::optional<Mode> Mode_;\n",
        "    std::vector<float> a = std::vector<float>(4);\n",
        "static_assert(offsetof(switch_::Fixed, View_) == 2);\n",
    ] {
        assert!(text.contains(expected), "expected {expected}\nin {text}");
    }
}

#[test]
fn a_c_header_has_its_namespace_in_every_name_and_escapes_keywords() {
    let text = first_file(SCHEMA, language("c").unwrap());
    for expected in [
        "#define int_time_ROWS UINT64_C(2)\n",
        "typedef uint8_t int_time_Mode;\n#define int_time_Mode_class ((int_time_Mode)0)\n",
        "#define int_time_switch_CLASS_NAME \"switch\"\n",
        "/// what * / it\n/// is \\.\ntypedef struct int_time_switch {\n",
        "    /// Unit: mm.\n    /// Bounds: at most 7.\n    uint16_t while_;\n",
        "    bool has_Mode;\n    int_time_Mode Mode;\n",
        "    const float *a;\n    size_t a_count;\n",
        "static_assert(offsetof(int_time_switch_fixed, View) == 2, \"layout of switch\");\n",
    ] {
        assert!(text.contains(expected), "expected {expected}\nin {text}");
    }
}

#[test]
fn what_headers_of_c_define_names_nothing_in_c_and_cpp() {
    let schema = r#"{ "constants": { "INT_MAX": 7 },
        "enums": [{ "enumName": "Code", "base": "uint8", "values": { "BIG_ENDIAN": 1, "EAGAIN": 11 } }],
        "classes": [{ "className": "Report", "members": [
            { "name": "_Complex", "type": "uint8" }, { "name": "RAND_MAX", "type": "uint8" }] }] }"#;
    let escaped = |language_name, all: &[&str]| {
        let text = first_file(schema, language(language_name).unwrap());
        for expected in all {
            assert!(text.contains(expected), "expected {expected}\nin {text}");
        }
    };
    escaped("c", &["#define INT_MAX_ UINT64_C(7)\n", "    uint8_t _Complex_;\n    uint8_t RAND_MAX_;\n"]);
    escaped(
        "cpp",
        &[" INT_MAX_ = 7U;\n", "    BIG_ENDIAN_ = 1,\n    EAGAIN_ = 11,\n", "    std::uint8_t RAND_MAX_ = 0;\n"],
    );
}

#[test]
fn a_python_module_has_names_in_the_style_of_python_and_escapes_keywords() {
    let text = first_file(SCHEMA, language("python").unwrap());
    for expected in [
        "\nROWS = 2\n",
        "class Mode(wire.Enum):\n    \"\"\"Values of uint8.\"\"\"\n\n    CLASS = 0\n    FAULT = 200\n",
        "class Switch(_SwitchFixed):\n    \"\"\"what */ it\n    is \\\\\n    \"\"\"\n",
        "    class_name = \"switch\"\n",
        "            \"view\": (2, \"<u1\"),\n",
        "        while_: int = 2,\n        view: int = Mode.CLASS,\n        mode: int | None = None,\n",
        "        \"\"\"Unit: mm.\n        Bounds: at most 7.\n        \"\"\"\n        return int(self._fixed[\"while_\"])\n",
        "        self.a = wire.array_of(a, 4, \"<f4\")\n",
    ] {
        assert!(text.contains(expected), "expected {expected}\nin {text}");
    }
}

#[test]
fn a_typescript_module_has_names_in_the_style_of_typescript() {
    let text = first_file(SCHEMA, language("typescript").unwrap());
    for expected in [
        "export const ROWS = 2n;\n",
        "/** Other numbers are kept. */\nexport type Mode = number;\nexport const Mode = {\n  Class: 0,\n  Fault: 200,\n} as const;\n",
        "/**\n * what * / it\n * is \\\n */\nexport class Switch extends SwitchFixed {\n",
        "  static readonly className = \"switch\";\n",
        "   * Unit: mm.\n   * Bounds: at most 7.\n   */\n  get while(): number {\n",
        "      this.while = values.while ?? 2;\n      this.view = values.view ?? Mode.Class;\n",
        "    this.a = wire.arrayOf(Float32Array, given.a, 4);\n",
    ] {
        assert!(text.contains(expected), "expected {expected}\nin {text}");
    }
}

#[test]
fn two_types_that_would_have_one_name_in_a_language_are_refused() {
    let text = r#"[{ "className": "A", "members": [{ "name": "n", "type": "int" }] },
        { "className": "A_view", "members": [{ "name": "n", "type": "int" }] }]"#;
    let error = export(&schema(text), "it", language("c").unwrap()).unwrap_err().to_string();
    let expected =
        "c: `A_view` would be generated twice, for the class A_view and for a part of the class A: rename one of them";
    assert_eq!(error, expected);
    assert!(export(&schema(text), "it", language("cpp").unwrap()).is_ok());
}

#[test]
fn a_java_class_has_a_file_in_its_package_and_names_in_the_style_of_java() {
    let files = export(&schema(SCHEMA), "it", language("java").unwrap()).unwrap();
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    let support = ["ipc/FrameException.java", "ipc/Wire.java"];
    assert_eq!(names[..3], ["int_/time/Switch.java", "int_/time/Mode.java", "int_/time/Constants.java"]);
    assert_eq!(names[3..], support);
    for expected in [
        "package int_.time;\n",
        "/**\n * what * / it<br>\n * is &#92;\n */\n",
        "    public static final String CLASS_NAME = \"switch\";\n",
        "     * Unit: mm.<br>\n     * Bounds: at most 7.\n     */\n    public int while_ = 2;\n",
        "    public int view = Mode.CLASS;\n",
        "    public Integer mode;\n",
        "    public float[] a = new float[4];\n",
    ] {
        assert!(files[0].text.contains(expected), "expected {expected}\nin {}", files[0].text);
    }
    assert!(files[2].text.contains("    public static final long ROWS = 2L;\n"), "{}", files[2].text);
}

#[test]
fn a_c_sharp_class_has_its_namespace_and_names_in_the_style_of_c_sharp() {
    let text = first_file(SCHEMA, language("csharp").unwrap());
    for expected in [
        "namespace Int.Time\n{\n    /// <summary>Constants of the description.</summary>\n",
        "        public const ulong Rows = 2UL;\n",
        "    public enum Mode : byte\n    {\n        Class = 0,\n",
        "    /// <para>what */ it</para>\n    /// <para>is \\</para>\n    /// </summary>\n    public sealed class Switch\n",
        "        public const string ClassName = \"switch\";\n",
        "        public ushort While { get; set; } = 2;\n",
        "        public Mode View_ { get; set; } = Mode.Class;\n",
        "        public Mode? Mode_ { get; set; }\n",
        "        public float[] A { get; set; } = new float[4];\n",
    ] {
        assert!(text.contains(expected), "expected {expected}\nin {text}");
    }
}

#[test]
fn a_constant_may_be_named_like_a_type_where_constants_stand_apart() {
    let text = r#"{ "constants": { "IMU": 2 }, "classes": [
        { "className": "IMU", "members": [{ "name": "n", "type": "int" }] }] }"#;
    for language in LANGUAGES {
        let is_apart = ["java", "csharp"].contains(&language.name());
        let refused = export(&schema(text), "it", *language).is_err();
        assert_eq!(refused, !is_apart, "{}", language.name());
    }
}
