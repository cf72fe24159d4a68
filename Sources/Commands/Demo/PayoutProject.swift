/// The small Python system that the demo's people work on: it pays out, with two decimals.
enum PayoutProject {
    static let files: [(path: String, text: String)] = [
        (
            "README.md",
            """
            # payout

            Rounds and pays out amounts of money.

            """
        ),
        (
            "pyproject.toml",
            """
            [project]
            name = "payout"
            version = "1.0"

            [tool.pylint.main]
            disable = ["missing-function-docstring"]

            [tool.mypy]
            strict = true

            [tool.pytest.ini_options]
            testpaths = ["tests"]
            pythonpath = ["."]

            """
        ),
        (
            "payout/__init__.py",
            """
            \"\"\"Pays out amounts of money.\"\"\"

            """
        ),
        (
            "payout/amounts.py",
            """
            \"\"\"Amounts of money.\"\"\"

            from decimal import ROUND_HALF_EVEN, Decimal


            def rounded(amount: Decimal) -> Decimal:
                return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)

            """
        ),
        (
            "tests/test_amounts.py",
            """
            \"\"\"Tests of amounts.\"\"\"

            from decimal import Decimal

            from payout.amounts import rounded


            def test_rounds_half_to_even() -> None:
                assert rounded(Decimal("1.005")) == Decimal("1.00")
                assert rounded(Decimal("1.015")) == Decimal("1.02")

            """
        ),
    ]

    /// A change with a mistake that pylint finds: an unused import.
    static let feeWithMistake = """
        \"\"\"What a payout costs.\"\"\"

        import os
        from decimal import Decimal

        from payout.amounts import rounded


        def fee(amount: Decimal) -> Decimal:
            return rounded(amount * Decimal("0.015"))

        """

    static let fee = """
        \"\"\"What a payout costs.\"\"\"

        from decimal import Decimal

        from payout.amounts import rounded


        def fee(amount: Decimal) -> Decimal:
            return rounded(amount * Decimal("0.015"))

        """

    static let feeTests = """
        \"\"\"Tests of fees.\"\"\"

        from decimal import Decimal

        from payout.fees import fee


        def test_fee_is_a_part_of_the_amount() -> None:
            assert fee(Decimal("100")) == Decimal("1.50")

        """

    static let currency = """
        \"\"\"Currencies that can be paid out.\"\"\"

        SUPPORTED = frozenset({"CAD", "EUR", "USD"})


        def is_supported(code: str) -> bool:
            return code in SUPPORTED

        """

    static let currencyTests = """
        \"\"\"Tests of currencies.\"\"\"

        from payout.currency import is_supported


        def test_knows_canadian_dollars() -> None:
            assert is_supported("CAD")
            assert not is_supported("XXX")

        """

    static let masterRuleset = """
        rulesets:
          - name: master
            target: branch
            enforcement: active
            include: [refs/heads/master]
            rules:
              creation: {}
              deletion: {}
              non_fast_forward: {}
              pull_request:
                required_approving_review_count: 1
                reviewers: [engineering]
              required_status_checks:
                checks: [pylint, mypy, unit]
                tested: head
                signers: [ci]
              file_path_restriction: {forbid: ['**/*.pem', '.env']}
            bypass: [release-managers]

        """

    static let checks = """
        checks:
          pylint: {run: pylint --recursive=y payout tests, paths: ['**/*.py', pyproject.toml], timeout: 5m}
          mypy:   {run: mypy payout tests, paths: ['**/*.py', pyproject.toml], keep: [.mypy_cache], timeout: 5m}
          unit:   {run: 'pytest -q --junitxml="$GATE_REPORT"', report: junit, timeout: 10m}
        on_push: [pylint]

        """

    static let people = """
        repository: wrk/payout
        teams:
          engineering: [alice@wrk.example, bob@wrk.example, carol@wrk.example]
          ci: [ci@wrk.example]
          release-managers: [carol@wrk.example]

        """

    /// What a policy change that lets itself in would look like: nothing is asked any more.
    static let openRuleset = """
        rulesets:
          - name: master
            target: branch
            enforcement: disabled
            include: [refs/heads/master]
            rules:
              deletion: {}

        """
}
